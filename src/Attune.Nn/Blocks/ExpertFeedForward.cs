using System.Globalization;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Nn.Blocks;

/// <summary>
/// A mixture of experts of which each row asks for one (Switch Transformer, Fedus et al. 2021, arXiv:2101.03961): the router's most probable expert
/// works on the row, and its output is scaled by that probability. An expert takes so many rows of a sequence and no more: later
/// ones get zeros, so that only the residual connection carries them on.
/// </summary>
public sealed class ExpertFeedForward : Module, IFeedForward
{
    private readonly Linear _router;
    private readonly FeedForward[] _experts;
    private readonly int _capacity;
    private readonly float _jitter;

    /// <summary>Puts it together.</summary>
    /// <param name="router">From a row to a score for each expert.</param>
    /// <param name="experts">The experts.</param>
    /// <param name="capacity">How many rows of a sequence an expert takes.</param>
    /// <param name="jitter">In training the router reads each number times 1 - jitter to 1 + jitter.</param>
    /// <exception cref="ArgumentException">The router does not score as many experts as there are.</exception>
    public ExpertFeedForward(Linear router, IReadOnlyList<FeedForward> experts, int capacity, float jitter = 0)
    {
        int scored = router.Weight.Shape[0];
        if (scored != experts.Count)
            throw new ArgumentException($"The router scores {scored} experts; there are {experts.Count}.", nameof(router));
        _router = Own("router", router);
        _experts = [.. experts];
        for (int e = 0; e < _experts.Length; e++)
            Own(e.ToString(CultureInfo.InvariantCulture), _experts[e]);
        (_capacity, _jitter) = (capacity, jitter);
    }

    /// <inheritdoc/>
    public Tensor Forward(Pass pass, Tensor x, MixerContext context)
    {
        Tape tape = pass.Tape;
        Tensor logits = _router.Forward(tape, Jittered(tape, x));
        Tensor probabilities = tape.Softmax(logits);
        int rows = x.Shape[0];
        int[] wanted = tape.Measuring ? [.. Enumerable.Range(0, rows).Select(row => row % _experts.Length)] : Wanted(probabilities);
        context.Routing?.Add(logits, probabilities, wanted);
        List<int>[] taken = Taken(wanted, context.Segments);
        float[] chosen = new float[rows * _experts.Length];
        List<Tensor> outputs = [];
        List<int> order = [];
        for (int e = 0; e < _experts.Length; e++)
        {
            if (taken[e].Count == 0)
                continue;
            outputs.Add(_experts[e].Forward(tape, tape.GatherRows(x, taken[e].ToArray())));
            order.AddRange(taken[e]);
            foreach (int row in taken[e])
                chosen[row * _experts.Length + e] = 1;
        }
        Tensor y = tape.ScatterAddRows(tape.Concat(0, [.. outputs]), order.ToArray(), rows);
        Tensor scale = tape.Sum(tape.Multiply(probabilities, Tensor.From(probabilities.Shape, chosen)), axis: 1, keepAxis: true);
        return tape.Multiply(y, scale);
    }

    private static int[] Wanted(Tensor probabilities)
    {
        int[] wanted = new int[probabilities.Shape[0]];
        int experts = probabilities.Shape[1];
        for (int row = 0; row < wanted.Length; row++)
        {
            ReadOnlySpan<float> scores = probabilities.Span.Slice(row * experts, experts);
            for (int e = 1; e < experts; e++)
            {
                if (scores[e] > scores[wanted[row]])
                    wanted[row] = e;
            }
        }
        return wanted;
    }

    private List<int>[] Taken(int[] wanted, Segments segments)
    {
        var taken = new List<int>[_experts.Length];
        for (int e = 0; e < taken.Length; e++)
            taken[e] = [];
        int[] used = new int[_experts.Length];
        for (int s = 0; s < segments.Count; s++)
        {
            Array.Clear(used);
            for (int row = segments.Start(s); row < segments.Start(s) + segments.Length(s); row++)
            {
                if (used[wanted[row]]++ < _capacity)
                    taken[wanted[row]].Add(row);
            }
        }
        return taken;
    }

    private Tensor Jittered(Tape tape, Tensor x)
    {
        if (_jitter == 0 || !tape.Training || tape.Measuring)
            return x;
        RandomStream random = tape.NextStream();
        float[] factors = new float[x.Count];
        long first = tape.RowOffset * x.Shape.Width;
        for (int i = 0; i < factors.Length; i++)
            factors[i] = 1 + _jitter * (2 * random.Uniform(first + i) - 1);
        return tape.Multiply(x, Tensor.From(x.Shape, factors));
    }
}
