using Attune.Tensors.Memory;
using Attune.Tensors.Random;

namespace Attune.Tensors.Autograd;

/// <summary>
/// One forward pass and, if it records, what its backward pass needs. Operations are extension methods of the tape (one
/// file each in <c>Ops/</c>): they take their result from the tape's arena and record a hand-written backward.
/// </summary>
/// <remarks>
/// A tape is used by one thread; kernels spread over the worker pool by themselves. Reuse one tape per model: call
/// <see cref="Begin"/> at the start of each step.
/// </remarks>
public sealed class Tape
{
    private readonly List<Node> _nodes = [];

    // Apart from the results, because gradients outlive the recomputed results of a checkpoint.
    private readonly Arena _gradients = new();
    private uint _drawn;

    /// <summary>Makes a tape on an arena of its own.</summary>
    public Tape()
        : this(new Arena())
    {
    }

    /// <summary>Makes a tape on an arena that its owner may share with other tapes of the same thread.</summary>
    public Tape(Arena arena) => Arena = arena;

    /// <summary>Where results live until the next <see cref="Begin"/>.</summary>
    public Arena Arena { get; }

    /// <summary>The native memory held for results and gradients, in bytes.</summary>
    public long ReservedBytes => Arena.ReservedBytes + _gradients.ReservedBytes;

    /// <summary>
    /// Whether weights that cannot be trained stay the same as long as they exist, as in a model that only answers. Products then keep a
    /// copy of them in the order they read: faster, for as much memory again.
    /// </summary>
    public bool FixedWeights { get; init; }

    /// <summary>The arithmetic of products with the weights of linear layers.</summary>
    public Precision Precision { get; init; }

    /// <summary>Whether operations record their backward.</summary>
    public bool Recording { get; private set; }

    /// <summary>Whether dropout and the like are active.</summary>
    public bool Training { get; private set; }

    /// <summary>
    /// Whether operations only work out shapes and count what they would do, so that any model can be measured without
    /// its memory or its time. See <see cref="BeginMeasuring"/>.
    /// </summary>
    public bool Measuring { get; private set; }

    /// <summary>The multiply-adds that a measuring pass has counted.</summary>
    public long MultiplyAdds { get; private set; }

    /// <summary>The bytes of results that a measuring pass has counted.</summary>
    public long ResultBytes { get; private set; }

    /// <summary>
    /// The global number of this batch's first row, so that a batch split over accumulation steps or workers drops out the
    /// same elements as the whole batch.
    /// </summary>
    public long RowOffset { get; set; }

    /// <summary>The same for tensors with one row a sequence: the global number of this batch's first sequence.</summary>
    public long SequenceOffset { get; set; }

    /// <summary>The randomness of this step: a function of seed and step, never of execution order.</summary>
    public RandomStream Random { get; private set; }

    /// <summary>Starts a step: returns the memory of the last one and forgets what it recorded.</summary>
    /// <param name="recording">Whether a backward pass will follow.</param>
    /// <param name="training">Whether dropout is active.</param>
    /// <param name="random">The randomness of the step.</param>
    /// <exception cref="InvalidOperationException">A backward pass is to follow in <see cref="Precision.Int8"/>, which is for inference.</exception>
    public void Begin(bool recording, bool training = false, RandomStream random = default)
    {
        if (recording && Precision == Precision.Int8)
            throw new InvalidOperationException($"{Precision} is for inference; train in {Precision.Float32} or {Precision.BFloat16}.");
        _nodes.Clear();
        Arena.Reset();
        _gradients.Reset();
        Measuring = false;
        Recording = recording;
        Training = training;
        Random = random;
        RowOffset = 0;
        SequenceOffset = 0;
        _drawn = 0;
    }

    /// <summary>Starts a pass that computes nothing: tensors have shapes but no memory, and costs are counted.</summary>
    public void BeginMeasuring()
    {
        Begin(recording: false);
        Measuring = true;
        MultiplyAdds = 0;
        ResultBytes = 0;
    }

    /// <summary>The next independent stream of this step, for one operation: the n-th call of every step gets the n-th stream.</summary>
    public RandomStream NextStream() => Random.Stream(_drawn++);

    /// <summary>
    /// Runs <paramref name="body"/> and keeps only its result. Without recording, everything else it allocated is given back
    /// at once, so that a deep stack needs the memory of one layer.
    /// </summary>
    public Tensor Scope(Tensor input, Func<Tensor, Tensor> body)
    {
        if (Recording || Measuring)
            return body(input);
        Arena.Mark mark = Arena.Position;
        Tensor result = body(input);
        return KeepOnly(result, mark);
    }

    /// <summary>
    /// Runs <paramref name="body"/> without keeping its intermediate results and runs it again during the backward pass:
    /// the memory of one body for the time of a second forward pass (gradient checkpointing, Chen et al. 2016, arXiv:1604.06174).
    /// </summary>
    public Tensor Checkpoint(Tensor input, Func<Tensor, Tensor> body)
    {
        if (!Recording)
            return Scope(input, body);

        uint drawn = _drawn;
        Arena.Mark mark = Arena.Position;
        Recording = false;
        Tensor kept = KeepOnly(body(input), mark);
        Recording = true;
        uint drawnAfter = _drawn;

        Tensor output = Result(kept);
        Record(output, () =>
        {
            uint drawnOutside = _drawn;
            _drawn = drawn;
            int first = _nodes.Count;
            Arena.Mark before = Arena.Position;
            Tensor again = body(input);
            if (again.Gradient is { } gradient)
            {
                gradient.AddFrom(output.Gradient!);
                RunBackward(first);
            }
            Arena.Rewind(before);
            _drawn = drawnOutside;
        });
        _drawn = drawnAfter;
        return output;
    }

    /// <summary>Fills the gradients of everything the scalar <paramref name="loss"/> depends on.</summary>
    /// <param name="loss">A tensor with one element, made on this tape.</param>
    /// <param name="scale">The gradient of the loss itself, such as 1 / accumulation steps.</param>
    /// <exception cref="InvalidOperationException">The tape does not record, or nothing on it requires a gradient.</exception>
    public unsafe void Backward(Tensor loss, float scale = 1)
    {
        if (!Recording)
            throw new InvalidOperationException("The tape was not recording: call Begin(recording: true) before the forward pass.");
        if (loss.Gradient is null || loss.Count != 1)
            throw new InvalidOperationException($"A backward pass starts from a recorded tensor with one element; this one is {loss.Shape}.");
        *loss.Gradient.Target(out _) = scale;
        RunBackward(0);
    }

    /// <summary>Takes the result of an operation from the arena. It gets a gradient if any of the operation's inputs has one.</summary>
    internal unsafe Tensor Allocate(Shape shape, bool requiresGradient)
    {
        if (Measuring)
        {
            ResultBytes += shape.Count * sizeof(float);
            return Tensor.WithoutMemory(shape);
        }
        float* pointer = Arena.Allocate(shape.Count);
        return new Tensor(shape, pointer, null, Arena, Recording && requiresGradient ? new Gradient(shape.Count, _gradients) : null);
    }

    /// <summary>
    /// Asked by every operation before it calls a kernel: false on a measuring tape, which then counts
    /// <paramref name="multiplyAdds"/> (those of products; elementwise work counts as none).
    /// </summary>
    internal bool Computes(long multiplyAdds = 0)
    {
        if (!Measuring)
            return true;
        MultiplyAdds += multiplyAdds;
        return false;
    }

    /// <summary>Remembers how to run an operation backward. Called only if its output requires a gradient.</summary>
    /// <param name="output">The result; the backward is skipped if no gradient has arrived there.</param>
    /// <param name="backward">Adds to the gradients of the inputs (those that require one).</param>
    internal void Record(Tensor output, Action backward)
    {
        if (Recording && output.Gradient is not null)
            _nodes.Add(new Node(output.Gradient, null, backward));
    }

    /// <summary>As <see cref="Record(Tensor, Action)"/>, for an operation with several results: it runs if a gradient reached any.</summary>
    internal void Record(ReadOnlySpan<Tensor> outputs, Action backward)
    {
        if (!Recording)
            return;
        List<Gradient> gradients = [];
        foreach (Tensor output in outputs)
        {
            if (output.Gradient is not null)
                gradients.Add(output.Gradient);
        }
        if (gradients.Count > 0)
            _nodes.Add(new Node(gradients[0], gradients.Count == 1 ? null : [.. gradients], backward));
    }

    private void RunBackward(int first)
    {
        while (_nodes.Count > first)
        {
            Node node = _nodes[^1];
            _nodes.RemoveAt(_nodes.Count - 1);
            if (node.HasGradient)
                node.Backward();
            node.Release();
        }
    }

    private Tensor Result(Tensor kept) => Allocated(kept, new Gradient(kept.Count, _gradients));

    private unsafe Tensor Allocated(Tensor tensor, Gradient? gradient) => new(tensor.Shape, tensor.Pointer, null, Arena, gradient);

    private unsafe Tensor KeepOnly(Tensor result, Arena.Mark mark)
    {
        Shape shape = result.Shape;
        float* source = result.Pointer;
        Arena.Rewind(mark);
        float* target = Arena.Allocate(shape.Count);
        // Both may overlap: the kept place is the lowest of what was given back, so a forward copy is safe.
        Buffer.MemoryCopy(source, target, shape.Count * sizeof(float), shape.Count * sizeof(float));
        return new Tensor(shape, target, null, Arena, null);
    }

    private readonly record struct Node(Gradient Output, Gradient[]? Outputs, Action Backward)
    {
        public bool HasGradient => Outputs is null ? Output.Written : Array.Exists(Outputs, g => g.Written);

        public void Release()
        {
            if (Outputs is null)
            {
                Output.Release();
                return;
            }
            foreach (Gradient gradient in Outputs)
                gradient.Release();
        }
    }
}
