using System.Text;

namespace Attune.Formats;

/// <summary>Streams UTF-8 text in pieces, line ends and all; only a byte-order mark is left out.</summary>
public static class TextPieces
{
    private const int PieceLength = 1 << 15;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the pieces one after another.</summary>
    /// <param name="stream">UTF-8 text; left open.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="AttuneFormatException">Text that is not UTF-8, or damaged gzip data; names about where.</exception>
    public static IEnumerable<string> Read(Stream stream, string path)
    {
        using StreamReader reader = new(stream, s_strict, detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16, leaveOpen: true);
        char[] buffer = new char[PieceLength];
        long lines = 1;
        bool first = true;
        while (Fill(reader, buffer, path, lines) is > 0 and int count)
        {
            int start = first && buffer[0] == '\uFEFF' ? 1 : 0;
            first = false;
            yield return new string(buffer, start, count - start);
            lines += buffer.AsSpan(0, count).Count('\n');
        }
    }

    /// <summary>Makes the exception for text that is not UTF-8.</summary>
    internal static AttuneFormatException NotUtf8(string path, long line, Exception? inner = null) =>
        new(path, $"line {line} or soon after", "bytes that are not UTF-8", "UTF-8 text", "Convert it: iconv -t utf8 -f utf-16 for what Windows calls Unicode, -f latin1 for old Western text.", inner);

    private static int Fill(StreamReader reader, char[] buffer, string path, long line)
    {
        try
        {
            return ReadFailure.Guard(path, () => reader.Read(buffer));
        }
        catch (DecoderFallbackException e)
        {
            throw NotUtf8(path, line, e);
        }
    }
}
