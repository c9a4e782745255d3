using System.Text.Json;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Several post-processors, one after the other.</summary>
internal sealed class PostProcessorSequence(IPostProcessor[] members) : IPostProcessor
{
    // At most one member adds tokens.
    public SpecialFrame? Frame => members.FirstOrDefault(m => m is not ByteLevelProcessing) is { } adding ? adding.Frame : SpecialFrame.None;

    public int AddedTokens(bool isPair) => members.Sum(m => m.AddedTokens(isPair));

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens) =>
        members.Aggregate(sequences, (parts, member) => member.Process(parts, addSpecialTokens));

    public void Write(Utf8JsonWriter writer) => writer.WriteSequence("processors", members);
}
