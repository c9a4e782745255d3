using Attune.Nn.Mixers;
using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>What a mixer knows about the rows it mixes.</summary>
/// <param name="Segments">The sequences; nothing flows between them.</param>
public sealed record MixerContext(Segments Segments)
{
    /// <summary>A position must not see what follows it.</summary>
    public bool Causal { get; init; }

    /// <summary>Added to attention scores: <c>[heads, queries, keys]</c>, the same for every sequence (relative positions).</summary>
    public Tensor? ScoreBias { get; init; }

    /// <summary>
    /// The same when decoding step by step, <c>[heads, new rows, all rows]</c> for each sequence: they may stand at different places.
    /// </summary>
    public IReadOnlyList<Tensor>? StepBiases { get; init; }

    /// <summary>What the encoder made of the source sequences: decoder sequence <c>s</c> reads source sequence <c>s</c>.</summary>
    public BackboneOutput? Source { get; init; }

    /// <summary>Which rows others may see; empty is all.</summary>
    public ReadOnlyMemory<bool> KeyMask { get; init; }

    /// <summary>Which pairs may see each other, in place of <see cref="Causal"/>; null if the batch does not say.</summary>
    public PairMask? PairMask { get; init; }

    /// <summary>Rows that read what they see alike, whatever their scores; empty is none. See <see cref="TokenBatch.UniformRows"/>.</summary>
    public ReadOnlyMemory<bool> UniformRows { get; init; }

    /// <summary>States kept from earlier calls, when decoding step by step; see <see cref="IDecodingState"/>.</summary>
    public IDecodingState? State { get; init; }

    /// <summary>How the rows stand to those they read, where mixers go by distances (Transformer-XL, XLNet); null if they do not.</summary>
    public RelativePairs? Relative { get; init; }

    /// <summary>
    /// Rows before those of the sequences, which these read besides their own: of earlier segments, as this block got them, or of earlier steps.
    /// <c>[memory rows, width]</c>
    /// </summary>
    public Tensor? Memory { get; init; }

    /// <summary>The sequences of <see cref="Memory"/>, one for each of <see cref="Segments"/>; null if there is none.</summary>
    public Segments? MemorySegments { get; init; }

    /// <summary>Where mixtures of experts note their choices; null if nobody asks.</summary>
    public Blocks.ExpertRouting? Routing { get; init; }

    /// <summary>The number of the block that asks, from 0.</summary>
    public int Block { get; init; }
}

/// <summary>
/// Lets the positions of a sequence exchange information: attention, convolution, recurrence. Mixers are interchangeable
/// parts of a block; each is one file in <c>Mixers/</c>.
/// </summary>
public interface ISequenceMixer : Parameters.IModule
{
    /// <summary>
    /// <see cref="Capabilities.Bidirectional"/>, <see cref="Capabilities.Causal"/> or both; with <see cref="Capabilities.FreeMask"/> also any pairs that a
    /// <see cref="PairMask"/> leaves; with <see cref="Capabilities.Memory"/> it makes sense of earlier segments, with <see cref="Capabilities.Unordered"/> of sets.
    /// Every causal mixer reads <see cref="MixerContext.Memory"/>.
    /// </summary>
    Capabilities Capabilities { get; }

    /// <summary>Mixes rows <c>[rows, width]</c> within each sequence.</summary>
    Tensor Mix(Pass pass, Tensor x, MixerContext context);
}
