using Attune.Formats;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>Errors name the file and the field, and requests that cannot be met say why.</summary>
public sealed class TokenizerErrorsTests
{
    private static readonly Tokenizer Bert = TokenizerGoldens.Load("bert-base-uncased");

    [Theory]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"normalizer":{"type":"Shout"}}""", "normalizer.type", "Shout")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Guess"}]}}""", "pretokenizers[0].type", "Guess")]
    [InlineData("""{"model":{"type":"Oracle","vocab":{"a":0}}}""", "model.type", "Oracle")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":-1}}}""", "model.vocab", "-1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "model.merges", "'b'")]
    [InlineData("""{"model":{"type":"Unigram","vocab":[["a",-1.0]],"unk_id":3}}""", "model.unk_id", "3")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"normalizer":{"type":"Replace","pattern":{"Regex":"(a"},"content":""}}""", "normalizer.pattern.Regex", "not closed")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"decoder":{"type":"Strip","content":"ab","start":0,"stop":0}}""", "decoder.content", "single character")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}},"post_processor":{"type":"Sequence","processors":[{"type":"BertProcessing","sep":["a",0],"cls":["a",0]},{"type":"BertProcessing","sep":["a",0],"cls":["a",0]}]}}""", "post_processor.processors", "at most one")]
    [InlineData("""{"version":"1.0"}""", "model", "vocabulary")]
    [InlineData("[]", "JSON", "object")]
    public void A_faulty_file_is_refused_with_the_field_named(string json, string field, string also)
    {
        var error = Assert.Throws<AttuneFormatException>(() => Tokenizer.Parse(System.Text.Encoding.UTF8.GetBytes(json), "some/tokenizer.json"));
        Assert.Contains("some/tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
        Assert.Contains(also, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_refused()
    {
        var folder = Directory.CreateTempSubdirectory("attune-empty-");
        try
        {
            var error = Assert.Throws<AttuneFormatException>(() => Tokenizer.LoadFolder(folder.FullName));
            Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete();
        }
    }

    [Theory]
    [InlineData(1, 0, TruncationStrategy.LongestFirst)]
    [InlineData(6, 5, TruncationStrategy.LongestFirst)]
    [InlineData(6, -1, TruncationStrategy.LongestFirst)]
    [InlineData(4, 0, TruncationStrategy.OnlySecond)]
    public void A_truncation_that_cannot_be_met_is_refused(int length, int stride, TruncationStrategy strategy) =>
        Assert.Throws<TokenizationException>(() => Bert.Encode(
            "one two three four five six", options: new EncodeOptions { Truncation = new Truncation { MaxLength = length, Stride = stride, Strategy = strategy } }));

    [Fact]
    public void An_unknown_word_without_an_unknown_token_is_an_error_and_leaves_the_list_as_it_was()
    {
        var tokenizer = Tokenizer.Parse("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"[UNK]"},"pre_tokenizer":{"type":"BertPreTokenizer"}}"""u8.ToArray());
        var ids = new List<int> { 5 };
        Assert.Throws<TokenizationException>(() => tokenizer.EncodeIds("a b", ids));
        Assert.Equal([5], ids);
        Assert.Throws<TokenizationException>(() => tokenizer.Encode("a b"));
    }

    [Fact]
    public void Special_tokens_are_found_by_their_usual_names()
    {
        Assert.Equal(new SpecialTokens { Mask = 103, Pad = 0, Unknown = 100, Cls = 101, Sep = 102 }, Bert.Special);
        Assert.True(Bert.IsSpecial(103));
        Assert.False(Bert.IsSpecial(2000));
        Assert.Equal(30522, Bert.VocabularySize);
        Assert.Equal(50256, TokenizerGoldens.Load("gpt2").Special.Eos);
        Assert.Equal(4100, TokenizerGoldens.Load("t5-unigram").VocabularySize);
        Assert.Null(Bert.TokenToId("no such token"));
        Assert.Null(Bert.IdToToken(-1));
        Assert.Equal("", Bert.Decode([-1, 1_000_000]));
    }

    [Fact]
    public void The_configuration_beside_the_file_tells_roles_side_and_length()
    {
        var folder = Directory.CreateTempSubdirectory("attune-config-");
        try
        {
            TokenizerGoldens.Unpack("xlnet-unigram", folder.FullName);
            var tokenizer = Tokenizer.LoadFolder(folder.FullName);
            Assert.Equal(SequenceSide.Left, tokenizer.PaddingSide);
            Assert.Equal(512, tokenizer.ModelMaxLength);
            Assert.Equal(new SpecialTokens { Mask = 6, Pad = 5, Unknown = 0, Cls = 3, Sep = 4, Bos = 1, Eos = 2 }, tokenizer.Special);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
