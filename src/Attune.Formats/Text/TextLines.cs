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

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the lines one after another.</summary>
    /// <exception cref="AttuneFormatException">Missing file, text that is not UTF-8, damaged gzip data, or a line that is too long; names the line.</exception>
    public static IEnumerable<TextLine> Read(string path)
    {
        using Stream stream = DataFile.Open(path);
        foreach (TextLine line in Read(stream, path)) yield return line;
    }

    /// <summary>Reads the lines of a stream.</summary>
    /// <param name="stream">UTF-8 text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="AttuneFormatException">Text that is not UTF-8, damaged gzip data, or a line that is too long; names the line.</exception>
    public static IEnumerable<TextLine> Read(Stream stream, string path)
    {
        using StreamReader reader = new(stream, s_strict, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16, leaveOpen: true);
        char[] buffer = new char[1 << 15];
        StringBuilder pending = new();
        long number = 1;
        bool first = true;
        while (true)
        {
            int count = Fill(reader, buffer, path, number);
            if (count == 0) break;
            int start = first && buffer[0] == '\uFEFF' ? 1 : 0;
            first = false;
            while (buffer.AsSpan(start, count - start).IndexOf('\n') is >= 0 and int length)
            {
                pending.Append(buffer, start, length);
                yield return new TextLine(number++, TakeLine(pending));
                start += length + 1;
            }
            pending.Append(buffer, start, count - start);
            if (pending.Length > MaxLineLength)
                throw new AttuneFormatException(path, $"line {number}", $"more than {MaxLineLength} characters", "shorter lines", "Break the text into lines, or use a format with documents (JSONL).");
        }
        if (pending.Length > 0) yield return new TextLine(number, TakeLine(pending));
    }

    /// <summary>Makes the exception for text that is not UTF-8.</summary>
    internal static AttuneFormatException NotUtf8(string path, long line, Exception? inner = null) =>
        new(path, $"line {line} or soon after", "bytes that are not UTF-8", "UTF-8 text", "Convert the file (e.g. iconv -f latin1 -t utf8).", inner);

    private static int Fill(StreamReader reader, char[] buffer, string path, long line)
    {
        try
        {
            return DataFile.Guard(path, () => reader.Read(buffer));
        }
        catch (DecoderFallbackException e)
        {
            throw NotUtf8(path, line, e);
        }
    }

    private static string TakeLine(StringBuilder pending)
    {
        int length = pending.Length > 0 && pending[^1] == '\r' ? pending.Length - 1 : pending.Length;
        string text = pending.ToString(0, length);
        pending.Clear();
        return text;
    }
}
