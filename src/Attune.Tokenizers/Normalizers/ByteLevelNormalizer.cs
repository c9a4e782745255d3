using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Turns every byte of a text's UTF-8 form into a printable character of its own.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public void Normalize(NormalizedText text)
    {
        var editor = text.Edit();
        ByteAlphabet.Expand(text.Chars, ref editor);
        text.CommitEdit();
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("ByteLevel");
}
