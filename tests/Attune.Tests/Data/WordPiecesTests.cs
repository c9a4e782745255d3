using Attune.Data.Rows;
using Attune.Data.Tokens;
using Attune.Nn.Contracts;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Data;

/// <summary>Rows of running text know their words, so that words and spans can be masked whole.</summary>
public sealed class WordPiecesTests
{
    private static readonly string[] Texts = ["the streaming stream streams", "a stream of streams and streamers", "the unstreamed streams"];

    [Fact]
    public void Word_pieces_are_numbered_by_word()
    {
        Tokenizer tokenizer = TokenizerTrainer.Train(Texts, new WordPieceTraining { VocabularySize = 60, SpecialTokens = WordPieceTraining.BertTokens });
        (Example example, string[] tokens) = Row(tokenizer, new RowFrame(tokenizer.Special.Cls, tokenizer.Special.Sep));
        Assert.Contains(tokens, token => token.StartsWith("##", StringComparison.Ordinal));
        Assert.Equal(-1, example.Words.Span[0]);
        Assert.Equal(-1, example.Words.Span[^1]);
        int word = 0;
        for (int i = 1; i < tokens.Length - 1; i++)
        {
            word += i > 1 && !tokens[i].StartsWith("##", StringComparison.Ordinal) ? 1 : 0;
            Assert.Equal(word, example.Words.Span[i]);
        }
        Assert.Equal(Texts[1].Split(' ').Length, word + 1);
    }

    [Fact]
    public void Spaces_begin_words_of_byte_level_tokens()
    {
        Tokenizer tokenizer = TokenizerTrainer.Train(Texts, new ByteLevelTraining { VocabularySize = 290, SpecialTokens = ["</s>"] });
        (Example example, string[] tokens) = Row(tokenizer, new RowFrame());
        Assert.Contains(tokens[1..], token => !token.StartsWith('Ġ'));
        Assert.Equal(Texts[1].Split(' ').Length, example.Words.ToArray().Distinct().Count());
    }

    [Fact]
    public void Tokens_without_marks_have_no_words() => Assert.Null(WordPieces.Of(new WordTokenizer()));

    private static (Example Example, string[] Tokens) Row(Tokenizer tokenizer, RowFrame frame)
    {
        int[] ids = [.. tokenizer.Encode(Texts[1], options: new EncodeOptions { AddSpecialTokens = false }).Ids];
        var stream = new MemoryTokenStream(ids, [0, ids.Length], [0, 1]);
        Example example = new TokenWindows(stream, ids.Length, 1, frame with { Words = WordPieces.Of(tokenizer) }).Get(0);
        return (example, [.. example.Ids.ToArray().Select(id => tokenizer.IdToToken(id)!)]);
    }
}
