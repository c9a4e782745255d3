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

/// <summary>A head that tells the tokens of a span from the rows at its boundaries (SpanBERT).</summary>
public interface IBoundaryHead : IHead
{
    /// <summary>The most tokens of a span that it tells.</summary>
    int MaxTargets { get; }

    /// <summary>Scores for each of the tokens: <c>[targets, vocabulary]</c>.</summary>
    Tensor Logits(Pass pass, BackboneOutput output, BoundaryTargets targets);

    /// <summary>The sum of the targets' losses divided by one more than their number.</summary>
    Tensor Loss(Pass pass, BackboneOutput output, BoundaryTargets targets);
}

/// <summary>Tokens to be told from the boundaries of their spans; one entry a token in each list.</summary>
/// <param name="Left">The row of the batch before the span.</param>
/// <param name="Right">The row of the batch behind it.</param>
/// <param name="Places">The token's place in the span, from 0.</param>
/// <param name="Labels">The token.</param>
public sealed record BoundaryTargets(ReadOnlyMemory<int> Left, ReadOnlyMemory<int> Right, ReadOnlyMemory<int> Places, ReadOnlyMemory<int> Labels);

/// <summary>A head that compares each row with given entities (ERNIE of THU).</summary>
public interface IEntityHead : IHead
{
    /// <summary>How much each row is like each entity: <c>[rows, entities]</c> from vectors <c>[entities, entity width]</c>.</summary>
    Tensor Logits(Pass pass, Tensor rows, Tensor entities);
}

/// <summary>A head that is a model of its own and writes tokens for the other one to read.</summary>
public interface IGeneratorHead : IHead
{
    /// <summary>Its body.</summary>
    ISequenceBackbone Body { get; }

    /// <summary>Runs its body.</summary>
    BackboneOutput Forward(Pass pass, TokenBatch batch);

    /// <summary>Scores of the vocabulary for each row of its body: <c>[rows, vocabulary]</c>.</summary>
    Tensor Logits(Pass pass, BackboneOutput output);
}

/// <summary>A head that tells how likely a generator's token is to be judged rightly, before it is drawn.</summary>
public interface IBaselineHead : IHead
{
    /// <summary>The logit of that probability for each of the generator's rows, <c>[rows, 1]</c>; no gradient passes into the rows.</summary>
    Tensor Logits(Pass pass, Tensor rows);
}

/// <summary>Marks among labels.</summary>
public static class Labels
{
    /// <summary>The label of a row that has none.</summary>
    public const int Ignore = -100;
}
