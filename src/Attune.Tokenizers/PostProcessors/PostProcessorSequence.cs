using System.Text.Json;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Several post-processors, one after the other.</summary>
internal sealed class PostProcessorSequence(IPostProcessor[] members) : IPostProcessor
{
    public SpecialFrame? Frame
    {
        get
        {
            // Two that both add tokens would see each other's parts; that is left to the full path.
            var frames = members.Select(m => m.Frame).ToArray();
            if (frames.Any(f => f is null)) return null;
            var adding = frames.Where(f => f!.Before.Length + f.After.Length > 0).ToArray();
            return adding.Length switch
            {
                0 => SpecialFrame.None,
                1 => adding[0],
                _ => null,
            };
        }
    }

    public int AddedTokens(bool isPair) => members.Sum(m => m.AddedTokens(isPair));

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens) =>
        members.Aggregate(sequences, (parts, member) => member.Process(parts, addSpecialTokens));

    public void Write(Utf8JsonWriter writer) => writer.WriteSequence("processors", members);
}
