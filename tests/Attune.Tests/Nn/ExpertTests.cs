using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Nn;

/// <summary>Mixtures of experts: who gets a row, what happens to those for whom there is no room, and what routers add to the loss.</summary>
public sealed class ExpertTests
{
    private const int Width = 4;

    [Fact]
    public void Rows_beyond_the_capacity_of_their_sequence_get_zeros()
    {
        var experts = Mixture(experts: 1, capacity: 2);
        Tensor y = Run(experts, Segments.FromLengths(3, 1, 4), out _);
        bool[] empty = [.. Enumerable.Range(0, 8).Select(row => !y.Span.Slice(row * Width, Width).ContainsAnyExcept(0f))];
        Assert.Equal([false, false, true, false, false, false, true, true], empty);
    }

    [Fact]
    public void With_one_expert_the_balance_is_perfect()
    {
        Run(Mixture(experts: 1, capacity: 8), Segments.FromLengths(3, 5), out float balance);
        Assert.Equal(1, balance, 1e-6f);
    }

    [Fact]
    public void Uneven_experts_cost_more_than_even_ones()
    {
        // A router of zeros gives all experts the same probability and the first one every row: the shares cannot matter.
        Run(Mixture(experts: 4, capacity: 8, router: Initializer.Zeros), Segments.FromLengths(8), out float indifferent);
        Assert.Equal(1, indifferent, 1e-6f);
        Run(Mixture(experts: 4, capacity: 8, router: Initializer.Ones), Segments.FromLengths(8), out float same);
        Assert.Equal(1, same, 1e-6f);
        Run(Mixture(experts: 4, capacity: 8, router: Initializer.Normal(5)), Segments.FromLengths(8), out float sure);
        Assert.True(sure > 1, $"{sure}");
    }

    [Fact]
    public void A_router_must_score_every_expert() => Assert.Throws<ArgumentException>(() =>
        new ExpertFeedForward(new Linear(Width, 3, Initializer.Zeros), [Expert(), Expert()], capacity: 1));

    private static FeedForward Expert() =>
        new(new Linear(Width, 8, Initializer.Normal(1)), new Linear(8, Width, Initializer.Normal(1)), Activation.Gelu);

    private static ExpertFeedForward Mixture(int experts, int capacity, Initializer? router = null)
    {
        var mixture = new ExpertFeedForward(
            new Linear(Width, experts, router ?? Initializer.Normal(1), bias: false), [.. Enumerable.Range(0, experts).Select(_ => Expert())], capacity);
        mixture.Initialize(1);
        return mixture;
    }

    private static Tensor Run(ExpertFeedForward mixture, Segments segments, out float balance)
    {
        var tape = new Tape();
        tape.Begin(recording: true);
        var routing = new ExpertRouting();
        float[] values = [.. Enumerable.Range(0, segments.Rows * Width).Select(i => MathF.Sin(i + 1))];
        Tensor y = mixture.Forward(new Pass(tape), Tensor.From([segments.Rows, Width], values), new MixerContext(segments) { Routing = routing });
        balance = routing.BalanceLoss(tape, segments).Item;
        return y;
    }
}
