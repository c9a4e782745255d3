using System.CommandLine;

namespace Attune.Bench.Options;

/// <summary><c>--json</c>: every turn, for programs, beside the table for people.</summary>
internal static class JsonOption
{
    public static Option<FileInfo?> Create() => new("--json") { Description = "A file that gets every turn of every side, a line of JSON for each row of the table.", HelpName = "file" };

    /// <summary>The file, emptied; null where none is wanted.</summary>
    public static StreamWriter? Open(ParseResult parsed, Option<FileInfo?> json) => parsed.GetValue(json)?.CreateText();
}
