using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>Which of a sequence's rows stand for all of it.</summary>
public enum SummaryKind
{
    /// <summary>The last one.</summary>
    Last,

    /// <summary>The first one.</summary>
    First,

    /// <summary>The mean of all.</summary>
    Mean,
}

/// <summary>How a sequence becomes one vector.</summary>
/// <param name="Kind">Which rows count.</param>
public sealed record SummaryShape(SummaryKind Kind)
{
    /// <summary>Whether a linear layer follows.</summary>
    public bool Projects { get; init; } = true;

    /// <summary>What follows then.</summary>
    public Activation Activation { get; init; }

    /// <summary>The dropout before all this.</summary>
    public float FirstDropout { get; init; }

    /// <summary>The dropout after it.</summary>
    public float LastDropout { get; init; }
}

/// <summary>A linear classifier of a summary of each sequence, or a score for it as a choice (XLNet, ELECTRA, GPT).</summary>
public sealed class SummaryHead : Module, ISequenceHead
{
    private readonly Linear? _summary;
    private readonly Linear _output;

    /// <summary>Declares the layers.</summary>
    public SummaryHead(HeadKind kind, int width, int classes, SummaryShape shape, Initializer initializer)
    {
        (Kind, Shape) = (kind, shape);
        if (shape.Projects)
            _summary = Own("summary", new Linear(width, width, initializer));
        _output = Own("output", new Linear(width, classes, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind { get; }

    /// <summary>How a sequence becomes one vector.</summary>
    public SummaryShape Shape { get; }

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Segments segments = output.Batch.Segments;
        Tensor x = Shape.Kind switch
        {
            SummaryKind.Mean => pass.Tape.SegmentMean(output.Hidden, segments),
            SummaryKind.First => pass.Tape.SegmentFirst(output.Hidden, segments),
            _ => pass.Tape.SegmentLast(output.Hidden, segments),
        };
        return Scores(pass, x);
    }

    /// <summary>Scores for vectors that stand for sequences: <c>[sequences, classes]</c> from <c>[sequences, width]</c>.</summary>
    public Tensor Scores(Pass pass, Tensor vectors)
    {
        Tensor x = pass.Tape.Dropout(vectors, Shape.FirstDropout);
        if (_summary is not null)
            x = _summary.Forward(pass.Tape, x);
        return _output.Forward(pass.Tape, pass.Tape.Dropout(pass.Tape.Activate(x, Shape.Activation), Shape.LastDropout));
    }
}
