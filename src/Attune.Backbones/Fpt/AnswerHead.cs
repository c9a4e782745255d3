using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Fpt;

/// <summary>Reads the answer at the last positions of each sequence, or at all of them; nothing is averaged.</summary>
internal sealed class AnswerHead : Module, ISequenceHead
{
    private readonly DenseNetwork _network;
    private readonly int? _positions;

    /// <summary>Puts the head together.</summary>
    /// <param name="network">From the body's rows to an answer.</param>
    /// <param name="positions">How many positions at the end are read; null for all.</param>
    public AnswerHead(DenseNetwork network, int? positions)
    {
        _network = Own("network", network);
        _positions = positions;
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SequenceClassification;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A sequence has fewer positions than are read, or all are read and the lengths differ.</exception>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Segments segments = output.Batch.Segments;
        int read = _positions ?? segments.MaxLength;
        int[] rows = new int[segments.Count * read];
        for (int s = 0; s < segments.Count; s++)
        {
            if (segments.Length(s) < read)
                throw new ArgumentException($"Sequence {s} has {segments.Length(s)} positions; this head reads {read}.", nameof(output));
            for (int i = 0; i < read; i++)
                rows[s * read + i] = segments.Start(s) + segments.Length(s) - read + i;
        }
        Tensor answers = _network.Forward(pass.Tape, pass.Tape.GatherRows(output.Hidden, rows));
        return answers.Reshape([segments.Count, read * answers.Shape.Width]);
    }
}
