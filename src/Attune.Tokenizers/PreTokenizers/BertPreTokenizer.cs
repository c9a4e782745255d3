using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>BERT's splitting: at white space, which vanishes, and around every punctuation character.</summary>
internal sealed class BertPreTokenizer : IPreTokenizer
{
    public void PreTokenize(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            var start = 0;
            var at = 0;
            foreach (var rune in chars.EnumerateRunes())
            {
                var next = at + rune.Utf16SequenceLength;
                if (CharacterClasses.IsWhiteSpace(rune.Value))
                {
                    cutter.Keep(start, at);
                    start = next;
                }
                else if (CharacterClasses.Punctuation.Contains(rune.Value))
                {
                    cutter.Keep(start, at);
                    cutter.Keep(at, next);
                    start = next;
                }

                at = next;
            }

            cutter.Keep(start, at);
        }
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("BertPreTokenizer");
}
