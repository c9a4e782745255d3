using Attune.Tensors;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>
/// What a Feedback Transformer remembers of the last steps of some sequences, as numbers without gradients. It begins with zeros, which are
/// attended to like anything else.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class FeedbackMemory
{
    private readonly float[][,][] _entries;
    private readonly int[,] _oldest;
    private readonly int _width;

    /// <summary>Makes a memory of zeros.</summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="sequences">The number of sequences.</param>
    public FeedbackMemory(FeedbackShape shape, int sequences)
    {
        Span = shape.Span;
        _width = shape.Width;
        _oldest = new int[shape.Memories, sequences];
        _entries = new float[shape.Memories][,][];
        for (int m = 0; m < _entries.Length; m++)
        {
            _entries[m] = new float[sequences, shape.Span][];
            for (int s = 0; s < sequences; s++)
            {
                for (int i = 0; i < shape.Span; i++)
                    _entries[m][s, i] = new float[shape.Width];
            }
        }
    }

    /// <summary>How many steps it holds.</summary>
    public int Span { get; }

    /// <summary>The number of memories: one, or one of each layer.</summary>
    public int Count => _entries.Length;

    /// <summary>Forgets a sequence's oldest step for a new one.</summary>
    public void Add(int memory, int sequence, ReadOnlySpan<float> entry)
    {
        entry.CopyTo(_entries[memory][sequence, _oldest[memory, sequence]]);
        _oldest[memory, sequence] = (_oldest[memory, sequence] + 1) % Span;
    }

    /// <summary>The entries of some sequences, <c>[sequences * span, width]</c>, each from the oldest to the newest.</summary>
    public Tensor Of(int memory, ReadOnlySpan<int> sequences)
    {
        Tensor all = Tensor.Zeros([sequences.Length * Span, _width]);
        Span<float> target = all.Span;
        for (int s = 0; s < sequences.Length; s++)
        {
            for (int i = 0; i < Span; i++)
            {
                float[] entry = _entries[memory][sequences[s], (_oldest[memory, sequences[s]] + i) % Span];
                entry.CopyTo(target.Slice((s * Span + i) * _width, _width));
            }
        }
        return all;
    }
}
