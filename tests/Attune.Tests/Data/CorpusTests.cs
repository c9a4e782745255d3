using Attune.Data.Corpora;
using Attune.Formats;
using Attune.Tests.Formats;
using Xunit;

namespace Attune.Tests.Data;

public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string[][] Read(ITextCorpus corpus) => [.. corpus.Documents().Select(document => document.Sentences.ToArray())];

    [Fact]
    public void PlainTextHasThreeLayouts()
    {
        string path = _folder.Write("a.txt", "One.\nTwo.\n\n\nThree.\n");
        Assert.Equal([["One.", "Two."], ["Three."]], Read(TextCorpus.Open(path)));
        Assert.Equal([["One."], ["Two."], ["Three."]], Read(TextCorpus.Open(path, TextLayout.Lines)));
        Assert.Equal([["One.\nTwo.\n\n\nThree.\n"]], Read(TextCorpus.Open(path, TextLayout.WholeFile)));
        Assert.Equal($"{path}, line 5", TextCorpus.Open(path).Documents().Last().Origin);
    }

    [Fact]
    public void FoldersHoldFilesOfAllKinds()
    {
        _folder.Write("sub/b.txt", "b\n");
        _folder.Write("a.txt", "a\n");
        _folder.Write("c.jsonl", "{\"text\": \"c\\nd\"}\n");
        _folder.Write("e.csv", "id,text\n1,e\n2,\n");
        _folder.Write("ignored.bin", "x");
        Assert.Equal([["a"], ["b"], ["c", "d"], ["e"]], Read(TextCorpus.Open(_folder.Path)));
    }

    [Fact]
    public void FieldsAndColumnsAreNamed()
    {
        _folder.Write("c.jsonl", "{\"body\": \"c\"}\n");
        Assert.Equal([["c"]], Read(TextCorpus.Open(_folder.File("c.jsonl"), field: "body")));
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => Read(TextCorpus.Open(_folder.File("c.jsonl"))));
        Assert.Contains("line 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("'text'", e.Message, StringComparison.Ordinal);
        _folder.Write("t.tsv", "a\tb\n1\t2\n");
        Assert.Contains("'text'", Assert.Throws<AttuneFormatException>(() => Read(TextCorpus.Open(_folder.File("t.tsv")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingOrEmptyPlacesAreNamed()
    {
        Assert.Contains("no such file or folder", Assert.Throws<AttuneFormatException>(() => TextCorpus.Open(_folder.File("absent"))).Message, StringComparison.Ordinal);
        Assert.Contains("no text", Assert.Throws<AttuneFormatException>(() => TextCorpus.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheFingerprintFollowsTheFiles()
    {
        string path = _folder.Write("a.txt", "one");
        string first = TextCorpus.Open(path).Fingerprint;
        Assert.Equal(first, TextCorpus.Open(path).Fingerprint);
        Assert.NotEqual(first, TextCorpus.Open(path, TextLayout.Lines).Fingerprint);
        _folder.Write("a.txt", "other");
        Assert.NotEqual(first, TextCorpus.Open(path).Fingerprint);
    }

    [Fact]
    public void StatisticsCountWords() => Assert.Equal(
        new CorpusStatistics(2, 3, 6, 23),
        CorpusStatistics.Count([new("", ["one two", " three  four"]), new TextDocument("", ["a b\n"])]));
}
