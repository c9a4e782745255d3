using System.Text.Json;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Decoders;

/// <summary>Several decoders, one after the other.</summary>
internal sealed class DecoderSequence(IDecoder[] members) : IDecoder
{
    public void Decode(List<string> tokens)
    {
        foreach (var member in members) member.Decode(tokens);
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteSequence("decoders", members);
}
