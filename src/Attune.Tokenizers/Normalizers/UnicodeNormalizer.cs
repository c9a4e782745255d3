using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Brings texts into one of Unicode's normalization forms (NFC, NFD, NFKC, NFKD).</summary>
internal sealed class UnicodeNormalizer(UnicodeForm form) : INormalizer
{
    public void Normalize(NormalizedText text) => form.Apply(text);

    public void Write(Utf8JsonWriter writer) => writer.WriteType(form.Name);
}
