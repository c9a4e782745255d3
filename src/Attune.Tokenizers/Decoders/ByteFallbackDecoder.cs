using System.Globalization;
using System.Text;
using System.Text.Json;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Decoders;

/// <summary>Reads runs of byte tokens (<c>&lt;0xE2&gt;</c>) as UTF-8; a run that is none becomes one U+FFFD a byte.</summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public void Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        var count = 0;
        foreach (var token in tokens.ToArray())
        {
            if (token is ['<', '0', 'x', _, _, '>'] && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                continue;
            }

            Flush();
            tokens[count++] = token;
        }

        Flush();
        tokens.RemoveRange(count, tokens.Count - count);

        void Flush()
        {
            if (bytes.Count == 0) return;
            try
            {
                tokens[count] = Strict.GetString([.. bytes]);
                count++;
            }
            catch (DecoderFallbackException)
            {
                for (var i = 0; i < bytes.Count; i++) tokens[count++] = "\uFFFD";
            }

            bytes.Clear();
        }
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("ByteFallback");
}
