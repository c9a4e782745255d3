using System.Text.Json;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Cuts into pieces of a fixed number of characters; the last may be shorter.</summary>
/// <param name="length">The number of code points.</param>
internal sealed class FixedLengthPreTokenizer(int length) : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            var start = 0;
            var at = 0;
            var count = 0;
            foreach (var rune in chars.EnumerateRunes())
            {
                at += rune.Utf16SequenceLength;
                if (++count < length) continue;
                cutter.Keep(start, at);
                (start, count) = (at, 0);
            }

            cutter.Keep(start, at);
        }
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "FixedLength");
        writer.WriteNumber("length", length);
        writer.WriteEndObject();
    }
}
