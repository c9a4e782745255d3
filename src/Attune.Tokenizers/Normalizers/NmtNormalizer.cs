using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>The cleaning of neural machine translation: some control characters dropped, odd spaces made plain.</summary>
internal sealed class NmtNormalizer : INormalizer
{
    public void Normalize(NormalizedText text)
    {
        var editor = text.Edit();
        foreach (var c in text.Chars)
        {
            if (c is (>= '\x1' and <= '\x8') or '\xB' or (>= '\xE' and <= '\x1F') or '\x7F' or '\x8F' or '\x9F') editor.Remove(1);
            else if (c is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD') editor.Replace(' ');
            else editor.Keep(1);
        }

        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("Nmt");
}
