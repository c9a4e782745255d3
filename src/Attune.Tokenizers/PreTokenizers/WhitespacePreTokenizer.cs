using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splits into runs of word characters and runs of everything else; white space vanishes (<c>\w+|[^\w\s]+</c>).</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Other,
    }

    public void PreTokenize(PreTokenizedText text)
    {
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            var start = 0;
            var at = 0;
            var run = Kind.Space;
            foreach (var rune in chars.EnumerateRunes())
            {
                var kind = CharacterClasses.IsWord(rune.Value) ? Kind.Word : CharacterClasses.IsWhiteSpace(rune.Value) ? Kind.Space : Kind.Other;
                if (kind != run)
                {
                    if (run != Kind.Space) cutter.Keep(start, at);
                    (start, run) = (at, kind);
                }

                at += rune.Utf16SequenceLength;
            }

            if (run != Kind.Space) cutter.Keep(start, at);
        }
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("Whitespace");
}
