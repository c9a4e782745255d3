using System.Text.Json;

namespace Attune.Formats;

/// <summary>Says what is wrong with text that should be JSON, and where, in words for people.</summary>
public static class JsonFault
{
    // The runtime's messages quote a wrong literal whole, which may be the file.
    private const int LongestReason = 160;

    /// <summary>The end of a message about a file: <c>is not valid JSON at line 3, byte 5: ...</c>; the line is left out where it is the first.</summary>
    /// <param name="fault">What the parser threw.</param>
    public static string Describe(Exception fault)
    {
        string reason = fault.Message;
        string place = "";
        if (fault is JsonException { LineNumber: { } line, BytePositionInLine: { } position })
        {
            // The runtime appends its own account of the place, counted from 0.
            int end = reason.LastIndexOf(" LineNumber:", StringComparison.Ordinal);
            if (end >= 0) reason = reason[..end];
            place = line == 0 ? FormattableString.Invariant($" at byte {position + 1}") : FormattableString.Invariant($" at line {line + 1}, byte {position + 1}");
        }
        if (reason.Length > LongestReason) reason = string.Concat(reason.AsSpan(0, LongestReason), "...");
        return $"is not valid JSON{place}: {reason}";
    }
}
