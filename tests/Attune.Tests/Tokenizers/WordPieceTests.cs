using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>WordPiece settings that no published vocabulary of the goldens has.</summary>
public sealed class WordPieceTests
{
    [Fact]
    public void Without_a_prefix_a_word_goes_on_with_the_same_tokens()
    {
        var tokenizer = Tokenizer.Parse("""{"model":{"type":"WordPiece","vocab":{"[UNK]":0,"ab":1,"a":2,"c":3},"continuing_subword_prefix":""}}"""u8.ToArray());
        Assert.Equal([1, 3, 2], tokenizer.Encode("abca").Ids);
    }

    [Fact]
    public void Letters_of_newer_Unicode_versions_have_lower_case_forms()
    {
        var tokenizer = Tokenizer.Parse("""{"model":{"type":"WordLevel","vocab":{"?":0,"\u1C8A":1,"\u0264":2,"\uD803\uDD70":3},"unk_token":"?"},"normalizer":{"type":"Lowercase"},"pre_tokenizer":{"type":"WhitespaceSplit"}}"""u8.ToArray());
        Assert.Equal([1, 2, 3], tokenizer.Encode("\u1C89 \uA7CB \uD803\uDD50").Ids);
    }
}
