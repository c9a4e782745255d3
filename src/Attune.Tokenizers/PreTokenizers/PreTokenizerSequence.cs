using System.Text.Json;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Several pre-tokenizers, one after the other.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] members) : IPreTokenizer
{
    /// <summary>The pre-tokenizers in order.</summary>
    public IReadOnlyList<IPreTokenizer> Members => members;

    public void PreTokenize(PreTokenizedText text)
    {
        foreach (var member in members) member.PreTokenize(text);
    }

    public void Write(Utf8JsonWriter writer) => writer.WriteSequence("pretokenizers", members);
}
