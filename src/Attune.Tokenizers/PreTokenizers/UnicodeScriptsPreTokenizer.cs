using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Cuts where the script changes; spaces go with either side.</summary>
/// <remarks>As in the published library, characters of any script before the first with one are dropped.</remarks>
internal sealed class UnicodeScriptsPreTokenizer : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            var start = -1;
            var at = 0;
            var last = -1;
            foreach (var rune in chars.EnumerateRunes())
            {
                var script = Scripts.Of(rune.Value);
                if (script != Scripts.Any && script != last)
                {
                    if (start >= 0) cutter.Keep(start, at);
                    (start, last) = (at, script);
                }

                at += rune.Utf16SequenceLength;
            }

            if (start >= 0) cutter.Keep(start, at);
        }
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("UnicodeScripts");
}
