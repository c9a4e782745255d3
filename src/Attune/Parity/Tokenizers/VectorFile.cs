using System.Text.Json;
using Attune.Formats;
using Attune.Parity.Comparison;

namespace Attune.Parity.Tokenizers;

/// <summary>Files with one JSON object a line.</summary>
internal static class VectorFile
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth };

    /// <summary>Counts each line of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tally">Where lines are counted.</param>
    /// <param name="mistake">What is wrong with a line; null if nothing.</param>
    public static void CountLines(string path, LineTally tally, Func<JsonElement, string?> mistake)
    {
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0)
                continue;
            string? found;
            try
            {
                using var document = JsonDocument.Parse(line, Options);
                found = mistake(document.RootElement);
            }
            // A line that lacks what it needs is a mistake of its own, and the others still count.
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or AttuneFormatException)
            {
                found = e.Message;
            }
            tally.Count(found is null ? null : $"{Path.GetFileName(path)} line {number}: {found}");
        }
    }
}
