using System.Text.Json;
using Attune.Tokenizers.PreTokenizers;

namespace Attune.Tokenizers.Decoders;

/// <summary>Turns visible spaces back into spaces; those of the first token vanish where one was put there.</summary>
internal sealed class MetaspaceDecoder(Metaspace settings) : IDecoder
{
    private readonly string _mark = settings.Replacement.ToString();

    public void Decode(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i].Replace(_mark, i == 0 && settings.Scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal);
    }

    public void Write(Utf8JsonWriter writer) => settings.Write(writer);
}
