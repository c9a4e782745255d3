using System.IO.Compression;
using System.Text;
using Attune.Formats;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class TextFormatTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Gzip(string text)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return stream.ToArray();
    }

    [Fact]
    public void LinesHaveNumbersAndNoEnds()
    {
        string path = _folder.Write("a.txt", [0xEF, 0xBB, 0xBF, .. "eins\r\n\nzwei\u2028x\rdrei"u8]);
        Assert.Equal([new(1, "eins"), new(2, ""), new TextLine(3, "zwei\u2028x\rdrei")], TextLines.Read(path));
        Assert.Empty(TextLines.Read(_folder.Write("empty.txt", "")));
    }

    [Property(MaxTest = 100)]
    public Property LinesAreTheTextSplitAtLineFeeds() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), input =>
    {
        string text = string.Concat(input.Get.EnumerateRunes()).Replace("\uFEFF", "", StringComparison.Ordinal);
        string long_ = string.Join('\n', Enumerable.Repeat(text, 3000));
        string[] expected = [.. long_.Split('\n').Select(line => line.EndsWith('\r') ? line[..^1] : line)];
        if (long_.EndsWith('\n') || long_.Length == 0) expected = expected[..^1];
        string path = _folder.Write("p.txt", Encoding.UTF8.GetBytes(long_));
        return TextLines.Read(path).Select(line => line.Text).SequenceEqual(expected);
    });

    [Fact]
    public void GzipIsTransparentAndDamageIsNamed()
    {
        byte[] packed = Gzip(string.Join('\n', Enumerable.Range(0, 2000)));
        Assert.Equal(2000, TextLines.Read(_folder.Write("a.txt.gz", packed)).Count());
        string cut = _folder.Write("cut.txt.gz", packed[..^20]);
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => TextLines.Read(cut).Count());
        Assert.Contains(cut, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextThatIsNotUtf8IsNamed()
    {
        string path = _folder.Write("latin1.txt", [.. "one\n"u8, 0xE4, (byte)'\n']);
        Assert.Contains("UTF-8", Assert.Throws<AttuneFormatException>(() => TextLines.Read(path).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonLinesNameTheLine()
    {
        string path = _folder.Write("a.jsonl", "{\"text\": \"a\"}\n\n{\"text\": 1}\n");
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => JsonLines.Read(path).Select(row => row.String("text")).ToArray());
        Assert.Contains($"{path}, line 3", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvHasQuotesAndLineEndsInFields()
    {
        string path = _folder.Write("a.csv", "label,text\n1,\"a, \"\"b\"\"\nc\"\n0,d\n");
        TableRow[] rows = [.. new TableFile(path).Rows()];
        Assert.Equal(["1", "0"], rows.Select(row => row["label"]));
        Assert.Equal(["a, \"b\"\nc", "d"], rows.Select(row => row["text"]));
        Assert.Equal([2, 4], rows.Select(row => row.Line));
    }

    [Fact]
    public void TsvHasNoQuotes()
    {
        string path = _folder.Write("a.tsv.gz", Gzip("sentence\tlabel\n\"he said\t1\n say \"x\" \t0\n"));
        TableRow[] rows = [.. new TableFile(path).Rows()];
        Assert.Equal(["\"he said", " say \"x\" "], rows.Select(row => row["sentence"]));
        Assert.True(rows[0].Has("label"));
        Assert.False(rows[0].Has("score"));
        Assert.Contains("sentence, label", Assert.Throws<AttuneFormatException>(() => rows[0]["score"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TablesWithoutHeaderHaveNumbers()
    {
        string path = _folder.Write("a.tsv", "x\ty\nz\tw\n");
        Assert.Equal(["y", "w"], new TableFile(path, new TableFormat('\t', Header: false, Quoting: false)).Rows().Select(row => row["1"]));
    }

    [Theory]
    [InlineData("a.tsv", "a\tb\n1\t2\n3\n", "line 3")]
    [InlineData("a.csv", "a,b\n1,\"2\n", "line 2")]
    [InlineData("a.csv", "a,b\n1,\"2\"x\n", "line 2")]
    public void BadRowsAreNamed(string name, string text, string named) =>
        Assert.Contains(named, Assert.Throws<AttuneFormatException>(() => new TableFile(_folder.Write(name, text)).Rows().Count()).Message, StringComparison.Ordinal);

    [Fact]
    public void ConllSentencesEndAtBlankLines()
    {
        string path = _folder.Write("a.conll", "-DOCSTART- O\n\nU.N. NNP B-ORG\nofficial NN O\n\n\nPeter\tB-PER\n");
        TaggedSentence[] sentences = [.. ConllFile.Read(path)];
        Assert.Equal(2, sentences.Length);
        Assert.Equal(["U.N.", "official"], sentences[0].Tokens);
        Assert.Equal(["B-ORG", "O"], sentences[0].Tags);
        Assert.Equal(7, sentences[1].Line);
        Assert.Contains("line 2", Assert.Throws<AttuneFormatException>(() => ConllFile.Read(_folder.Write("b.conll", "a\tO\nb\n")).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SquadGivesQuestionsWithTheirAnswers()
    {
        string path = _folder.Write("squad.json", """
            {"version": "2.0", "data": [{"title": "T", "paragraphs": [{"context": "𝕏 is here", "qas": [
              {"id": "1", "question": "where?", "answers": [{"text": "here", "answer_start": 5}]},
              {"id": "2", "question": "why?", "answers": [], "is_impossible": true}]}]}]}
            """);
        IReadOnlyList<SquadQuestion> questions = SquadFile.Read(path);
        Assert.Equal(["1", "2"], questions.Select(q => q.Id));
        Assert.Equal(new SquadAnswer("here", 5), Assert.Single(questions[0].Answers));
        Assert.True(questions[1].IsImpossible);
        string bad = _folder.Write("bad.json", File.ReadAllText(path).Replace("\"answer_start\": 5", "\"answer_start\": 10", StringComparison.Ordinal));
        Assert.Contains("data[0].paragraphs[0].qas[0].answers.answer_start", Assert.Throws<AttuneFormatException>(() => SquadFile.Read(bad)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IdxGivesShapeAndBytes()
    {
        byte[] bytes = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
        IdxFile file = IdxFile.Read(_folder.Write("a.idx", bytes));
        Assert.Equal([2, 3], file.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], file.Data.ToArray());
        bytes[7] = 0x7F;
        Assert.Throws<AttuneFormatException>(() => IdxFile.Read(_folder.Write("b.idx", bytes)));
        bytes[4] = 0x80;
        Assert.Throws<AttuneFormatException>(() => IdxFile.Read(_folder.Write("c.idx", bytes)));
        Assert.Throws<AttuneFormatException>(() => IdxFile.Read(_folder.Write("d.idx", [0, 0, 13, 1, 0, 0, 0, 0])));
    }
}
