using System.Text;

namespace Attune.Formats;

/// <summary>
/// Streams the lines of a UTF-8 text file (plain or gzip) with bounded memory. Lines end at <c>\n</c>; a <c>\r</c> before it and a
/// byte-order mark are left out.
/// </summary>
public static class TextLines
{
    /// <summary>The longest line accepted, in characters.</summary>
    public const int MaxLineLength = 1 << 24;

    /// <summary>Reads the lines one after another.</summary>
    /// <exception cref="AttuneFormatException">Missing file, text that is not UTF-8, damaged gzip data, or a line that is too long; names the line.</exception>
    public static IEnumerable<TextLine> Read(string path)
    {
        using Stream stream = DataFile.Open(path);
        StringBuilder pending = new();
        long number = 1;
        foreach (string piece in TextPieces.Read(stream, path))
        {
            int start = 0;
            while (piece.AsSpan(start).IndexOf('\n') is >= 0 and int length)
            {
                pending.Append(piece, start, length);
                yield return new TextLine(number++, TakeLine(pending));
                start += length + 1;
            }
            pending.Append(piece, start, piece.Length - start);
            if (pending.Length > MaxLineLength)
                throw new AttuneFormatException(path, $"line {number}", $"more than {MaxLineLength} characters", "shorter lines", "Break the text into lines, or use a format with documents (JSONL).");
        }
        if (pending.Length > 0) yield return new TextLine(number, TakeLine(pending));
    }

    private static string TakeLine(StringBuilder pending)
    {
        int length = pending.Length > 0 && pending[^1] == '\r' ? pending.Length - 1 : pending.Length;
        string text = pending.ToString(0, length);
        pending.Clear();
        return text;
    }
}
