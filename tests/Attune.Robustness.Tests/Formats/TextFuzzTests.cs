using System.IO.Compression;
using Attune.Formats;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Formats;

public sealed class TextFuzzTests
{
    [Fact]
    public void DamagedTextIsRefusedCleanly() =>
        ParserFuzzer.RunOnFile(["eins\r\nzwei ä\n\ndrei"u8.ToArray(), Gzip("eins\nzwei\n"u8)], "a.txt", path => _ = TextLines.Read(path).Count());

    [Fact]
    public void DamagedJsonLinesAreRefusedCleanly() =>
        ParserFuzzer.RunOnFile(["{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\", \"label\": 0}\n"u8.ToArray()], "a.jsonl", path => _ = JsonLines.Read(path).Count());

    [Fact]
    public void DamagedCsvIsRefusedCleanly() => ParserFuzzer.RunOnFile(
        ["label,text\n1,\"a, \"\"b\"\"\nc\"\n0,d\n"u8.ToArray()], "a.csv", path => _ = new TableFile(path).Rows().Sum(row => row["1"].Length));

    [Fact]
    public void DamagedTsvIsRefusedCleanly() => ParserFuzzer.RunOnFile(
        ["sentence\tlabel\n\"he said\t1\nx\t0\n"u8.ToArray()], "a.tsv", path => _ = new TableFile(path).Rows().Sum(row => row["1"].Length));

    [Fact]
    public void DamagedConllIsRefusedCleanly() =>
        ParserFuzzer.RunOnFile(["-DOCSTART- O\n\nU.N. NNP B-ORG\nx\tO\n\ny\tB\n"u8.ToArray()], "a.conll", path => _ = ConllFile.Read(path).Count());

    [Fact]
    public void DamagedSquadIsRefusedCleanly() => ParserFuzzer.RunOnFile(
        ["""{"data": [{"title": "T", "paragraphs": [{"context": "here", "qas": [{"id": "1", "question": "?", "answers": [{"text": "here", "answer_start": 0}]}]}]}]}"""u8.ToArray()],
        "squad.json", path => SquadFile.Read(path));

    [Fact]
    public void DamagedIdxIsRefusedCleanly() => ParserFuzzer.RunOnFile(
        [[0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6], Gzip([0, 0, 8, 1, 0, 0, 0, 2, 1, 2])], "a.idx", path => IdxFile.Read(path));

    [Fact]
    public void DamagedEventFilesAreRefusedCleanly()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("attune-fuzz-");
        string path;
        using (EventFileWriter writer = new(folder.FullName, TimeProvider.System))
        {
            writer.Scalar("loss", 1, 1);
            writer.Text("note", "x", 2);
            path = writer.Path;
        }
        byte[] seed = File.ReadAllBytes(path);
        folder.Delete(recursive: true);
        ParserFuzzer.RunOnFile([seed], "events", file => _ = EventFileReader.Read(file).Count());
    }

    private static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return stream.ToArray();
    }
}
