using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary><c>attune tokenizer</c> with a small WordPiece vocabulary written by the test.</summary>
public sealed class TokenizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TokenizerTests() =>
        File.WriteAllLines(folder.File("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "stream", "##s", "flow", "."]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Texts_become_ids_and_ids_texts()
    {
        var encoded = AttuneProcess.Run("tokenizer", "encode", folder.Path, "The streams flow.", "the");
        Assert.Equal((0, "2 5 6 7 8 9 3\n2 5 3\n"), (encoded.ExitCode, encoded.Output));

        var decoded = AttuneProcess.Run(["tokenizer", "decode", folder.Path], encoded.Output);
        Assert.Equal((0, "the streams flow.\nthe\n"), (decoded.ExitCode, decoded.Output));
    }

    [Fact]
    public void Tokens_are_shown_as_the_vocabulary_spells_them() =>
        Assert.Equal("stream ##s [UNK]\n", AttuneProcess.Run("tokenizer", "encode", folder.Path, "Streams dry", "--tokens", "--no-special").Output);

    [Fact]
    public void Json_has_offsets_in_code_points()
    {
        var token = AttuneProcess.Run("tokenizer", "encode", folder.Path, "🙂 stream", "--json").Json()[0];
        Assert.Equal([2, 1, 6, 3], token.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        var offset = token.GetProperty("offsets")[2];
        Assert.Equal((2, 8), (offset[0].GetInt32(), offset[1].GetInt32()));
    }

    [Fact]
    public void Lines_of_a_file_are_texts()
    {
        File.WriteAllText(folder.File("texts"), "the\nflow\n");
        Assert.Equal("2 5 3\n2 8 3\n", AttuneProcess.Run("tokenizer", "encode", folder.Path, "--file", folder.File("texts")).Output);
    }

    [Fact]
    public void A_length_cuts_texts() =>
        Assert.Equal("2 5 3\n", AttuneProcess.Run("tokenizer", "encode", folder.Path, "the stream", "--max-length", "3").Output);

    [Theory]
    [InlineData("wordpiece")]
    [InlineData("byte-level-bpe")]
    [InlineData("unigram")]
    public void A_trained_tokenizer_gives_back_its_text(string kind)
    {
        var text = TinyText.Write(folder.File("text.txt"));
        var trained = AttuneProcess.Run("tokenizer", "train", "--text", text, "--kind", kind, "--vocabulary", "300", "--out", folder.File(kind), "--json");
        Assert.Equal(0, trained.ExitCode);
        Assert.InRange(trained.Json().GetProperty("tokens").GetInt32(), 10, 300);
        var ids = AttuneProcess.Run("tokenizer", "encode", folder.File(kind), "the raven rests.").Output;
        Assert.Equal("the raven rests.\n", AttuneProcess.Run(["tokenizer", "decode", folder.File(kind)], ids).Output);
    }

    [Fact]
    public void A_kind_of_tokenizer_that_is_not_known_is_a_usage_error_of_one_line()
    {
        var result = AttuneProcess.Run("tokenizer", "train", "--text", "x", "--out", folder.Path, "--kind", "wordpeace");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("wordpiece", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_there_is_named()
    {
        var result = AttuneProcess.Run("tokenizer", "train", "--text", folder.File("none.txt"), "--out", folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("none.txt", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("decode", "5 x", "'x' is not a token id")]
    [InlineData("decode", "5 -6", "'-6' is not a token id")]
    public void Wrong_ids_are_bad_input(string verb, string ids, string message)
    {
        var result = AttuneProcess.Run("tokenizer", verb, folder.Path, ids);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(message, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--keep-special")]
    [InlineData("--json")]
    public void An_id_outside_of_the_vocabulary_is_named_with_its_size(string option)
    {
        var result = AttuneProcess.Run("tokenizer", "decode", folder.Path, "5 100000", option);
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains("the id 100000 is not in the vocabulary, which has 10 tokens", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_named()
    {
        var result = AttuneProcess.Run("tokenizer", "encode", folder.File("nothing"), "the");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(folder.File("nothing"), Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_tokenizer_file_is_named()
    {
        File.WriteAllText(folder.File("tokenizer.json"), """{"model": {"type": "WordPiece", "vocab": """);
        var result = AttuneProcess.Run("tokenizer", "encode", folder.Path, "the");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("tokenizer.json", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_and_a_file_at_once_are_a_usage_error() =>
        Assert.Equal(2, AttuneProcess.Run("tokenizer", "encode", folder.Path, "the", "--file", "texts").ExitCode);
}
