using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Normalizers;

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] members) : INormalizer
{
    /// <summary>The normalizers in order.</summary>
    public IReadOnlyList<INormalizer> Members => members;

    public void Normalize(NormalizedText text)
    {
        foreach (var member in members) member.Normalize(text);
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteSequence("normalizers", members);
}
