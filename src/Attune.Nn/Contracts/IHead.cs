using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>The last layers of a model: from a backbone's vectors to answers. Named by a <see cref="HeadKind"/>.</summary>
public interface IHead : Parameters.IModule
{
    /// <summary>Which head this is.</summary>
    HeadKind Kind { get; }
}

/// <summary>A head that scores classes for each row (tokens of a vocabulary, tags).</summary>
public interface ITokenHead : IHead
{
    /// <summary>Scores for each row: <c>[rows, classes]</c>.</summary>
    Tensor Logits(Pass pass, BackboneOutput output);

    /// <summary>The mean loss over the rows whose label is not <see cref="Labels.Ignore"/>; those cost nothing.</summary>
    Tensor Loss(Pass pass, BackboneOutput output, ReadOnlyMemory<int> labels, float smoothing = 0);
}

/// <summary>A head that scores classes, or gives numbers, for each sequence.</summary>
public interface ISequenceHead : IHead
{
    /// <summary>Scores for each sequence: <c>[sequences, classes]</c>.</summary>
    Tensor Logits(Pass pass, BackboneOutput output);
}

/// <summary>A head that scores each row as the start and as the end of a span.</summary>
public interface ISpanHead : IHead
{
    /// <summary>Scores of each row: <c>[rows]</c> as start and <c>[rows]</c> as end.</summary>
    (Tensor Start, Tensor End) Logits(Pass pass, BackboneOutput output);
}

/// <summary>Marks among labels.</summary>
public static class Labels
{
    /// <summary>The label of a row that has none.</summary>
    public const int Ignore = -100;
}
