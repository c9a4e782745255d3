using System.Text.Json;
using Attune.Parity.Tokenizers;
using Attune.Tokenizers;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>Every reference encoding, token by token.</summary>
public sealed class GoldenCasesTests
{
    public static TheoryData<string> Folders => [.. TokenizerGoldens.Folders];

    /// <summary>Folders whose vocabulary also comes in the files from before tokenizer.json.</summary>
    public static TheoryData<string> FoldersWithFiles => [.. TokenizerGoldens.Folders.Where(f => f != "sp-bpe-bytes-legacy")];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Encodings_are_those_of_the_reference(string folder) => AssertAllPass(TokenizerGoldens.Load(folder), folder);

    [Theory]
    [MemberData(nameof(FoldersWithFiles))]
    public void Vocabulary_files_give_the_same_tokenizer(string folder)
    {
        var path = Directory.CreateTempSubdirectory("attune-vocabulary-");
        try
        {
            TokenizerGoldens.Unpack(folder, path.FullName, "tokenizer.json");
            AssertAllPass(Tokenizer.LoadFolder(path.FullName), folder);
        }
        finally
        {
            path.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_saved_tokenizer_is_the_same(string folder)
    {
        var path = Directory.CreateTempSubdirectory("attune-save-");
        try
        {
            TokenizerGoldens.Load(folder).Save(path.FullName);
            var saved = Tokenizer.LoadFolder(path.FullName);
            AssertAllPass(saved, folder);
            AssertSameFile(TokenizerGoldens.Bytes($"{folder}/tokenizer.json"), File.ReadAllBytes(Path.Combine(path.FullName, "tokenizer.json")));
        }
        finally
        {
            path.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_fast_path_gives_the_ids_of_the_full_one(string folder)
    {
        var tokenizer = TokenizerGoldens.Load(folder);
        var ids = new List<int>();
        foreach (var line in TokenizerGoldens.Lines($"{folder}/cases.jsonl"))
        {
            if (!line.TryGetProperty("text", out var text)) continue;
            ids.Clear();
            Assert.Equal(tokenizer.EncodeIds(text.GetString(), ids), ids.Count);
            Assert.Equal(tokenizer.Encode(text.GetString()!).Ids, ids);
        }
    }

    private static void AssertAllPass(ITokenizer tokenizer, string folder)
    {
        var failures = new List<string>();
        var count = 0;
        foreach (var line in TokenizerGoldens.Lines($"{folder}/cases.jsonl"))
        {
            count++;
            if (EncodingCase.Difference(tokenizer, line) is { } difference) failures.Add($"case {count} ({line.GetProperty("category")}): {difference}\n  {Shorten(line.GetRawText())}");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} of {count} cases differ:\n{string.Join('\n', failures.Take(6))}");
        Assert.True(count > 600);
    }

    private static string Shorten(string text) => text.Length > 300 ? text[..300] : text;

    private static void AssertSameFile(byte[] expected, byte[] found)
    {
        using var a = JsonDocument.Parse(expected);
        using var b = JsonDocument.Parse(found);
        foreach (var property in a.RootElement.EnumerateObject())
            Assert.True(JsonElement.DeepEquals(property.Value, b.RootElement.GetProperty(property.Name)), $"'{property.Name}' was not written as it was read.");
    }
}
