using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splits at white space, which vanishes.</summary>
internal sealed class WhitespaceSplit : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            var start = 0;
            for (var at = 0; at < chars.Length; at++)
            {
                if (!CharacterClasses.IsWhiteSpace(chars[at])) continue;
                cutter.Keep(start, at);
                start = at + 1;
            }

            cutter.Keep(start, chars.Length);
        }
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("WhitespaceSplit");
}
