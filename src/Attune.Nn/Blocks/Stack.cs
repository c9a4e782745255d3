using System.Globalization;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>
/// Blocks one after another. The same block may stand at several places (ALBERT, SReT): it is owned once and runs at each.
/// </summary>
public sealed class Stack : Module
{
    private readonly IReadOnlyList<Block> _order;
    private readonly Norm? _finalNorm;

    /// <summary>Puts a stack together.</summary>
    /// <param name="order">The blocks in the order in which they run.</param>
    /// <param name="finalNorm">A norm at the end (pre-norm stacks); null if there is none.</param>
    /// <param name="name">Names the n-th different block; null numbers them.</param>
    public Stack(IReadOnlyList<Block> order, Norm? finalNorm = null, Func<int, string>? name = null)
    {
        _order = order;
        foreach ((int number, Block block) in order.Distinct().Index())
            Own(name?.Invoke(number) ?? number.ToString(CultureInfo.InvariantCulture), block);
        if (finalNorm is not null)
            _finalNorm = Own("norm", finalNorm);
    }

    /// <summary>The dropout after the final norm (T5).</summary>
    public float FinalDropout { get; init; }

    /// <summary>Puts mixers of one kind in the places of the stack's own. Blocks that share one share the new one.</summary>
    public void ReplaceMixers(MixerReplacement replacement, int width)
    {
        foreach (Block block in _order.Distinct())
            block.ReplaceMixer(replacement, width);
    }

    /// <summary>The self-attention of each block that runs; null where another mixer stands.</summary>
    internal IReadOnlyList<AttentionShape?> Attentions => [.. _order.Select(block => (block.Mixer as SelfAttention)?.Shape)];

    /// <summary>What all its mixers can do.</summary>
    public Capabilities OfMixers => _order.Aggregate(~Capabilities.None, (all, block) => all & block.Mixer.Capabilities);

    /// <summary>The number of blocks that run.</summary>
    public int Depth => _order.Count;

    /// <summary>Runs all blocks on rows <c>[rows, width]</c>. The trace's last hidden state is the one after the final norm.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows.</param>
    /// <param name="context">What the mixers know of them.</param>
    /// <param name="memory">What each block reads of earlier segments; null if there is nothing.</param>
    /// <param name="inputs">Gets the input of each block, if not null: what later segments may read, and the output of the block before.</param>
    public Tensor Forward(Pass pass, Tensor x, MixerContext context, SegmentMemory? memory = null, List<Tensor>? inputs = null)
    {
        Tape tape = pass.Tape;
        Trace? trace = pass.Trace;
        trace?.HiddenStates.Add(x);
        for (int i = 0; i < _order.Count; i++)
        {
            Block block = _order[i];
            MixerContext here = context with { Block = i, Memory = memory?.Blocks[i], MemorySegments = memory?.Segments };
            inputs?.Add(x);
            // A trace or a record of routers points at intermediate results, so none may be given back.
            x = trace is not null || context.Routing is not null ? block.Forward(pass, x, here)
                : pass.RecomputeBlocks ? tape.Checkpoint(x, input => block.Forward(pass, input, here))
                : tape.Recording ? block.Forward(pass, x, here)
                : tape.Scope(x, input => block.Forward(pass, input, here));
            if (i < _order.Count - 1 || _finalNorm is null)
                trace?.HiddenStates.Add(x);
        }
        if (_finalNorm is null)
            return x;
        if (trace is not null)
            trace.BeforeFinalNorm = x;
        x = tape.Dropout(_finalNorm.Forward(tape, x), FinalDropout);
        trace?.HiddenStates.Add(x);
        return x;
    }
}
