using Attune.Data.Labelled;
using Attune.Formats;
using Attune.Tests.Formats;
using Xunit;

namespace Attune.Tests.Data;

public sealed class LabelledFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TrecLabelsAreCoarseOrFine()
    {
        string path = _folder.Write("train.label", "DESC:manner How ?\nENTY:cremat What ?\nDESC:def Why ?\n");
        LabelledSet coarse = LabelledFile.ReadTrec(path);
        Assert.Equal(["DESC", "ENTY"], coarse.Labels.Names);
        Assert.Equal([0, 1, 0], coarse.Rows.Select(row => row.Label));
        Assert.Equal("How ?", coarse.Rows[0].Text);
        Assert.Equal([2, 1], coarse.CountByLabel());
        Assert.Equal(["DESC:def", "DESC:manner", "ENTY:cremat"], LabelledFile.ReadTrec(path, coarse: false).Labels.Names);
    }

    [Fact]
    public void TablesHavePairsAndKnownLabels()
    {
        string path = _folder.Write("dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta \"b\tc\tnot_entailment\n1\td\te\tentailment\n");
        LabelledSet set = LabelledFile.Read(path, new LabelledColumns("sentence1", "label", "sentence2"));
        Assert.Equal(["entailment", "not_entailment"], set.Labels.Names);
        Assert.Equal(new LabelledText("a \"b", "c", 1, 0, $"{path}, line 2"), set.Rows[0]);
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(
            () => LabelledFile.Read(path, new LabelledColumns("sentence1", "label", "sentence2"), new LabelSet("entailment", "neutral")));
        Assert.All(["line 2", "'not_entailment'", "entailment, neutral"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void NumbersAreOrderedByValue()
    {
        string path = _folder.Write("a.csv", "text,label\na,10\nb,2\nc,-1\n");
        Assert.Equal(["-1", "2", "10"], LabelledFile.Read(path, new LabelledColumns("text", "label")).Labels.Names);
    }

    [Fact]
    public void JsonLabelsAreNamesOrNumbers()
    {
        string path = _folder.Write("a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\", \"label\": \"0\"}\n");
        Assert.Equal([1, 0], LabelledFile.Read(path, new LabelledColumns("text", "label")).Rows.Select(row => row.Label));
        string bad = _folder.Write("b.jsonl", "{\"text\": \"a\", \"label\": [1]}\n");
        Assert.Contains("line 1", Assert.Throws<AttuneFormatException>(() => LabelledFile.Read(bad, new LabelledColumns("text", "label"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RegressionsHaveValues()
    {
        string path = _folder.Write("a.tsv", "s\tscore\nx\t4.25\n");
        Assert.Equal(4.25f, Assert.Single(LabelledFile.ReadValues(path, new LabelledColumns("s", "score")).Rows).Value);
        string bad = _folder.Write("b.tsv", "s\tscore\nx\tnan\n");
        Assert.Contains("line 2", Assert.Throws<AttuneFormatException>(() => LabelledFile.ReadValues(bad, new LabelledColumns("s", "score"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextsWithoutLabelsAreRead() =>
        Assert.Equal(-1, Assert.Single(LabelledFile.Read(_folder.Write("a.tsv", "s\nx\n"), new LabelledColumns("s", null)).Rows).Label);

    [Theory]
    [InlineData("a.tsv", "s\tl\nx\t\n", "line 2")]
    [InlineData("a.tsv", "s\tl\n", "no rows")]
    [InlineData("a.tsv", "s\tother\nx\ty\n", "'l'")]
    public void BadRowsAreNamed(string name, string text, string named) => Assert.Contains(
        named, Assert.Throws<AttuneFormatException>(() => LabelledFile.Read(_folder.Write(name, text), new LabelledColumns("s", "l"))).Message, StringComparison.Ordinal);

    [Fact]
    public void FoldersAreClasses()
    {
        _folder.Write("train/pos/2.txt", "good\nfilm\n");
        _folder.Write("train/pos/1.txt", "fine");
        _folder.Write("train/neg/1.txt", "bad");
        LabelledSet set = LabelledFile.Open(_folder.File("train"));
        Assert.Equal(["neg", "pos"], set.Labels.Names);
        Assert.Equal([("bad", 0), ("fine", 1), ("good\nfilm", 1)], set.Rows.Select(row => (row.Text, row.Label)));
        Assert.Contains("'neg'", Assert.Throws<AttuneFormatException>(() => LabelledFile.Open(_folder.File("train"), labels: new LabelSet("pos"))).Message, StringComparison.Ordinal);
        Assert.Throws<AttuneFormatException>(() => LabelledFile.Open(_folder.File("train/pos")));
    }

    [Fact]
    public void HeldOutRowsShareNoTextWithTheOthers()
    {
        LabelledText[] rows = [.. Enumerable.Range(0, 2000).Select(i => new LabelledText($"text {i / 2}", null, i < 1000 ? 0 : 1, 0, ""))];
        LabelledSet set = new(rows, new LabelSet("a", "b"));
        (LabelledSet train, LabelledSet heldOut) = set.HoldOut(0.1);
        Assert.Equal(2000, train.Rows.Count + heldOut.Rows.Count);
        Assert.InRange(heldOut.Rows.Count, 140, 260);
        Assert.Empty(train.Rows.Select(row => row.Text).Intersect(heldOut.Rows.Select(row => row.Text)));
        // Rows sorted by class must not leave a class out.
        Assert.All(heldOut.CountByLabel(), count => Assert.True(count > 50));
        Assert.Equal(heldOut.Rows.OrderBy(row => row.Text), (set with { Rows = [.. rows.Reverse()] }).HoldOut(0.1).HeldOut.Rows.OrderBy(row => row.Text));
    }

    [Fact]
    public void OpenPicksTheLayout()
    {
        Assert.Equal("How ?", LabelledFile.Open(_folder.Write("a.label", "DESC:x How ?\n")).Rows[0].Text);
        Assert.Equal("a", LabelledFile.Open(_folder.Write("a.csv", "label,text\n1,a\n")).Rows[0].Text);
        Assert.Contains("no such file", Assert.Throws<AttuneFormatException>(() => LabelledFile.Open(_folder.File("absent.tsv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALabelTwiceIsRefused() => Assert.Throws<ArgumentException>(() => new LabelSet("a", "b", "a"));
}
