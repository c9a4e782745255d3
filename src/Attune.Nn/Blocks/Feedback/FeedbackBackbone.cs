using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>An embedding without positions and the layers of a Feedback Transformer. Every sequence begins with an empty memory.</summary>
public sealed class FeedbackBackbone : Module, ISequenceBackbone, IHasTokenTable, IHasMixers
{
    private readonly TokenEmbedding _embedding;
    private readonly FeedbackStack _stack;
    private AddedPositions? _positions;

    /// <summary>Puts the backbone together.</summary>
    public FeedbackBackbone(TokenEmbedding embedding, FeedbackStack stack)
    {
        _embedding = Own("embedding", embedding);
        _stack = Own("layers", stack);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public int Width => _stack.Shape.Width;

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    public Parameter TokenTable => _embedding.Tokens;

    /// <inheritdoc/>
    public void ReplaceMixers(MixerSettings settings)
    {
        var replacement = new MixerReplacement(settings, Capabilities, MaxLength);
        _stack.ReplaceMixers(replacement);
        _positions = replacement.KnowsOrder ? null : new AddedPositions(Width, _embedding.Spread);
    }

    /// <summary>A memory of nothing.</summary>
    public FeedbackMemory NewMemory(int sequences) => new(_stack.Shape, sequences);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The batch carries a state that cannot hold memories.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch) => batch.State switch
    {
        null => Forward(pass, batch, NewMemory(batch.Segments.Count)),
        KeyValueCache cache => StepByStep(pass, batch, cache),
        _ => throw new NotSupportedException("This model's memory does not fit the given decoding state."),
    };

    /// <summary>Runs the backbone after what a memory holds, and moves the memory on.</summary>
    public BackboneOutput Forward(Pass pass, TokenBatch batch, FeedbackMemory memory)
    {
        return new BackboneOutput { Hidden = _stack.Forward(pass, Embed(pass.Tape, batch), batch.Segments, memory), Batch = batch, AuxiliaryLoss = _stack.Cost(pass.Tape) };
    }

    private Tensor Embed(Tape tape, TokenBatch batch)
    {
        Tensor x = _embedding.Forward(tape, batch);
        return _positions?.Add(tape, x, batch) ?? x;
    }

    // The cache keeps what every step left behind. Sequences may stand at different places of their blocks, so each runs by itself.
    private BackboneOutput StepByStep(Pass pass, TokenBatch batch, KeyValueCache cache)
    {
        Tape tape = pass.Tape;
        Segments segments = batch.Segments;
        Tensor x = Embed(tape, batch);
        var hidden = new Tensor[segments.Count];
        List<Tensor>[] kept = [.. Enumerable.Range(0, _stack.Shape.ReadMemories).Select(_ => new List<Tensor>())];
        for (int s = 0; s < hidden.Length; s++)
        {
            int begun = cache.Length(s) % _stack.Shape.BlockSize;
            FeedbackMemory memory = NewMemory(1);
            var steps = new Tensor[begun][];
            for (int i = 0; i < begun; i++)
                steps[i] = new Tensor[kept.Length];
            for (int m = 0; m < kept.Length; m++)
                Restore(tape, memory, m, cache.Recent(m, s, memory.Span + begun), steps);
            List<Tensor[]> left = [];
            hidden[s] = _stack.Forward(
                pass, tape.Slice(x, 0, segments.Start(s), segments.Length(s)), Segments.Equal(1, segments.Length(s)), memory, steps, left);
            foreach (Tensor[] entries in left)
            {
                for (int m = 0; m < kept.Length; m++)
                    kept[m].Add(entries[m]);
            }
        }
        for (int m = 0; m < kept.Length; m++)
            cache.Keep(tape, m, tape.Concat(0, [.. kept[m]]), segments);
        cache.Advance(segments);
        return new BackboneOutput { Hidden = tape.Concat(0, hidden), Batch = batch };
    }

    // The last rows are steps of the block that has begun; those before it are remembered.
    private void Restore(Tape tape, FeedbackMemory memory, int number, Tensor? rows, Tensor[][] begun)
    {
        if (rows is null)
            return;
        int earlier = rows.Shape[0] - begun.Length;
        for (int i = 0; i < begun.Length; i++)
            begun[i][number] = rows.DetachedRows(earlier + i, 1);
        if (earlier == 0)
            return;
        Tensor read = _stack.AsRead(tape, number, rows.DetachedRows(0, earlier));
        for (int i = 0; i < earlier; i++)
            memory.Add(number, 0, read.Span.Slice(i * Width, Width));
    }
}
