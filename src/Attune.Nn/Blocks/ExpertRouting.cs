using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>
/// What the routers of one stack's mixtures of experts chose in one pass, and the two losses that follow from it (Fedus et al. 2021,
/// arXiv:2101.03961; Zoph et al. 2022, arXiv:2202.08906). All routers of the stack count as one that saw all their rows.
/// </summary>
public sealed class ExpertRouting
{
    private readonly List<(Tensor Logits, Tensor Probabilities, int[] Experts)> _layers = [];

    /// <summary>The scores of each router, <c>[rows, experts]</c>.</summary>
    public IEnumerable<Tensor> Logits => _layers.Select(layer => layer.Logits);

    /// <summary>Whether any router ran.</summary>
    public bool IsEmpty => _layers.Count == 0;

    /// <summary>Notes a router's scores and the expert that each row asked for, whether it found room there or not.</summary>
    internal void Add(Tensor logits, Tensor probabilities, int[] experts) => _layers.Add((logits, probabilities, experts));

    /// <summary>The mean over all rows of the square of the scores' log-sum-exp, which keeps scores small.</summary>
    public Tensor ScoreLoss(Tape tape)
    {
        // Every score is its log-probability plus the log-sum-exp of its row.
        var squares = new Tensor[_layers.Count];
        for (int i = 0; i < squares.Length; i++)
        {
            Tensor logits = _layers[i].Logits;
            squares[i] = tape.Mean(tape.Square(tape.Mean(tape.Subtract(logits, tape.LogSoftmax(logits)), axis: 1)));
        }
        return MeanOf(tape, squares);
    }

    /// <summary>
    /// How unevenly rows are spread over the experts: the mean over sequences and experts of the share of rows times the mean probability, times
    /// the number of experts squared; 1 if all are alike.
    /// </summary>
    public Tensor BalanceLoss(Tape tape, Segments segments)
    {
        int experts = _layers[0].Logits.Shape.Width;
        float[] shares = new float[segments.Count * experts];
        var means = new Tensor[_layers.Count];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = tape.SegmentMean(_layers[i].Probabilities, segments);
            for (int s = 0; s < segments.Count; s++)
            {
                float weight = 1f / (segments.Length(s) * means.Length);
                foreach (int expert in _layers[i].Experts.AsSpan(segments.Start(s), segments.Length(s)))
                    shares[s * experts + expert] += weight;
            }
        }
        Tensor products = tape.Multiply(MeanOf(tape, means), Tensor.From([segments.Count, experts], shares));
        return tape.Scale(tape.Mean(products), (float)experts * experts);
    }

    private static Tensor MeanOf(Tape tape, Tensor[] parts)
    {
        Tensor sum = parts[0];
        foreach (Tensor part in parts.AsSpan(1))
            sum = tape.Add(sum, part);
        return parts.Length == 1 ? sum : tape.Scale(sum, 1f / parts.Length);
    }
}

/// <summary>How much the losses of a stack's routers weigh.</summary>
/// <param name="ScoreWeight">The factor of <see cref="ExpertRouting.ScoreLoss"/>.</param>
/// <param name="BalanceWeight">The factor of <see cref="ExpertRouting.BalanceLoss"/>.</param>
public sealed record RouterLosses(float ScoreWeight, float BalanceWeight)
{
    /// <summary>Routers that add nothing.</summary>
    public static RouterLosses None { get; } = new(0, 0);

    /// <summary>Both losses, weighed; null if there were no routers, or they add nothing.</summary>
    public Tensor? Of(Tape tape, ExpertRouting routing, Segments segments) => routing.IsEmpty || this == None
        ? null
        : tape.Add(tape.Scale(routing.ScoreLoss(tape), ScoreWeight), tape.Scale(routing.BalanceLoss(tape, segments), BalanceWeight));
}
