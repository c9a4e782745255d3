using System.Text;

namespace Attune.Formats;

/// <summary>Streams JSONL files: one JSON object a line (plain or gzip); blank lines are passed over.</summary>
public static class JsonLines
{
    /// <summary>Reads the objects one after another; their errors name file and line.</summary>
    /// <exception cref="AttuneFormatException">Missing file, or a line that is not a JSON object.</exception>
    public static IEnumerable<JsonFields> Read(string path)
    {
        foreach (TextLine line in TextLines.Read(path))
        {
            if (!string.IsNullOrWhiteSpace(line.Text))
                yield return JsonFields.Parse(Encoding.UTF8.GetBytes(line.Text), FormattableString.Invariant($"{path}, line {line.Number}"));
        }
    }
}
