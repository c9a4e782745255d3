using System.Text.Json;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Decoders;

/// <summary>Makes one token of all, so that what follows works on the whole text.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public void Decode(List<string> tokens)
    {
        var text = string.Concat(tokens);
        tokens.Clear();
        tokens.Add(text);
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteType("Fuse");
}
