using Attune.Tensors.Autograd;
using Attune.Tensors.Memory;
using Attune.Tensors.Ops;

namespace Attune.Tensors;

/// <summary>
/// A float32 array, contiguous and row-major. Its memory belongs to an <see cref="Arena"/> (results of operations: valid
/// until the arena is reset), to the tensor itself (parameters and data), or to a mapped file.
/// </summary>
/// <remarks>Never disposed by users. Reading from several threads is safe; writing is the owner's business.</remarks>
public sealed unsafe class Tensor
{
    // Keeps the memory alive: a NativeBuffer, a file mapping; null for arena memory, which the arena keeps.
    private readonly object? _owner;
    private readonly Arena? _arena;
    private readonly int _generation;
    private readonly Action? _giveBack;
    private readonly Action<Tensor>? _fill;

    // Where the first element is; 0 as long as there is no memory.
    private nint _address;
    private NativeBuffer? _filled;
    private PackedWeight? _packed;
    private Tensor? _reshaped;

    private Tensor(Shape shape, Action<Tensor> fill)
    {
        Shape = shape;
        _fill = fill;
    }

    internal Tensor(Shape shape, float* pointer, object? owner, Arena? arena, Gradient? gradient, Action? giveBack = null)
    {
        Shape = shape;
        _address = (nint)pointer;
        _owner = owner;
        _arena = arena;
        _generation = arena?.Generation ?? 0;
        Gradient = gradient;
        _giveBack = giveBack;
    }

    /// <summary>The extents.</summary>
    public Shape Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count => Shape.Count;

    /// <summary>Whether a gradient flows to this tensor during a backward pass.</summary>
    public bool RequiresGradient => Gradient is { Wanted: true };

    /// <summary>Whether a gradient can be kept here (it may be frozen at the moment).</summary>
    public bool IsTrainable => Gradient is not null;

    /// <summary>All elements in row-major order.</summary>
    /// <exception cref="InvalidOperationException">The tensor's step is over, or it has more than 2^31 elements.</exception>
    public Span<float> Span => new(Pointer, checked((int)Count));

    /// <summary>The only element of a tensor with one element, such as a loss.</summary>
    /// <exception cref="InvalidOperationException">The tensor has another number of elements.</exception>
    public float Item => Count == 1
        ? *Pointer
        : throw new InvalidOperationException($"Only a tensor with one element has an item; this one is {Shape}.");

    /// <summary>Freezes or thaws a tensor that owns a gradient: operations skip all work for a frozen one.</summary>
    /// <exception cref="InvalidOperationException">The tensor was not made to be trained.</exception>
    public void SetRequiresGradient(bool wanted)
    {
        if (Gradient is null)
            throw new InvalidOperationException($"The tensor {Shape} was not made to be trained; make it with {nameof(Trainable)}.");
        Gradient.Wanted = wanted;
    }

    /// <summary>Forgets the accumulated gradient (its memory is kept for the next step).</summary>
    public void ClearGradient() => Gradient?.Clear();

    /// <summary>Where the accumulated gradient is; null if none can flow here.</summary>
    internal Gradient? Gradient { get; }

    /// <summary>
    /// The form in which products of a pass with <see cref="Tape.FixedWeights"/> read this weight; null for results of operations and for
    /// what can be trained.
    /// </summary>
    internal PackedWeight? Packed => _arena is null && !IsTrainable
        ? _packed ?? Interlocked.CompareExchange(ref _packed, new PackedWeight(), null) ?? _packed
        : null;

    /// <summary>Lets the system take back the memory until it is read again, if that is possible and there is a packed form.</summary>
    internal void GiveBackIfPacked()
    {
        if (Volatile.Read(ref _packed) is { IsEmpty: false })
            _giveBack?.Invoke();
    }

    /// <summary>The first element. Aligned to 64 bytes unless the tensor is a view or a mapped file. Keep the tensor reachable while it is used.</summary>
    /// <exception cref="InvalidOperationException">The tensor's step is over.</exception>
    public float* Pointer => _arena is null || _arena.Generation == _generation
        ? (float*)(Volatile.Read(ref _address) is var address && address == 0 && _fill is not null ? Fill(_fill) : address)
        : throw new InvalidOperationException(
            $"A tensor {Shape} was used after the step that made it had ended. Copy what must outlive a step (ToArray).");

    /// <summary>The elements for as long as they are packed.</summary>
    internal Loan Lend()
    {
        if (!IsDeferred)
            return new Loan(Pointer, null);
        NativeBuffer buffer = Filled(_fill!);
        return new Loan(buffer.Pointer, buffer);
    }

    private bool IsDeferred => _fill is not null && Volatile.Read(ref _address) == 0;

    private NativeBuffer Filled(Action<Tensor> fill)
    {
        var buffer = new NativeBuffer(Count);
        fill(new Tensor(Shape, buffer.Pointer, buffer, null, null));
        return buffer;
    }

    private nint Fill(Action<Tensor> fill)
    {
        lock (fill)
        {
            if (_address == 0)
            {
                _filled = Filled(fill);
                Volatile.Write(ref _address, (nint)_filled.Pointer);
            }
            return _address;
        }
    }

    /// <summary>Elements that are there until it is disposed.</summary>
    internal readonly struct Loan(float* pointer, NativeBuffer? memory) : IDisposable
    {
        /// <summary>The first element.</summary>
        public float* Pointer { get; } = pointer;

        /// <summary>Gives back memory that was taken for them.</summary>
        public void Dispose() => memory?.Free();
    }

    /// <summary>Makes a tensor of zeros that owns its memory.</summary>
    public static Tensor Zeros(Shape shape)
    {
        Tensor tensor = Uninitialized(shape);
        tensor.Fill(0);
        return tensor;
    }

    /// <summary>Makes a tensor that owns a copy of <paramref name="values"/>.</summary>
    /// <param name="shape">Its extents.</param>
    /// <param name="values">The elements in row-major order.</param>
    /// <param name="requiresGradient">Whether a backward pass leaves a gradient here.</param>
    /// <exception cref="ArgumentException">The number of values is not the shape's number of elements.</exception>
    public static Tensor From(Shape shape, ReadOnlySpan<float> values, bool requiresGradient = false)
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"The shape {shape} has {shape.Count} elements; {values.Length} values were given.", nameof(values));
        Tensor tensor = Uninitialized(shape, requiresGradient);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Makes a tensor that owns its memory, with undefined content.</summary>
    internal static Tensor Uninitialized(Shape shape, bool requiresGradient = false)
    {
        var buffer = new NativeBuffer(shape.Count);
        return new Tensor(shape, buffer.Pointer, buffer, null, requiresGradient ? new Gradient(shape.Count, null) : null);
    }

    /// <summary>Makes a tensor that has a shape but no memory: a parameter of a model that is only measured.</summary>
    public static Tensor WithoutMemory(Shape shape) => new(shape, null, null, null, null);

    /// <summary>
    /// Makes a tensor that takes no memory before it is read: <paramref name="fill"/> gives another one of its shape its content, such as weights of a
    /// file in another form. Where it is only packed for products, that memory is given back at once.
    /// </summary>
    /// <param name="shape">Its extents.</param>
    /// <param name="fill">Writes all elements; may be called more than once, from any thread.</param>
    public static Tensor Deferred(Shape shape, Action<Tensor> fill) => new(shape, fill);

    /// <summary>Makes a tensor of undefined content that can be trained: its gradient outlives the steps.</summary>
    public static Tensor Trainable(Shape shape) => Uninitialized(shape, requiresGradient: true);

    /// <summary>Makes a tensor over memory that <paramref name="owner"/> keeps alive, such as a mapped file.</summary>
    /// <param name="shape">Its extents.</param>
    /// <param name="pointer">The first element.</param>
    /// <param name="owner">Keeps the memory alive.</param>
    /// <param name="giveBack">
    /// Lets the system take the memory back until it is read again, from where its content stands: called when a weight has been packed, since then
    /// products no longer read it here. Null if the content stands nowhere else.
    /// </param>
    public static Tensor Over(Shape shape, float* pointer, object owner, Action? giveBack = null) => new(shape, pointer, owner, null, null, giveBack);

    /// <summary>The accumulated gradient after a backward pass, in the tensor's own shape; null if none has arrived.</summary>
    public Tensor? Grad => Gradient is { Written: true } gradient ? new Tensor(Shape, gradient.Pointer, gradient, null, null) : null;

    /// <summary>The same elements under another shape; gradients flow to the same place.</summary>
    /// <exception cref="ArgumentException">The shapes differ in their number of elements.</exception>
    public Tensor Reshape(Shape shape)
    {
        if (shape.Count != Count)
            throw new ArgumentException($"A tensor {Shape} cannot be seen as {shape}: {Count} elements against {shape.Count}.", nameof(shape));
        if (_arena is not null || IsTrainable)
            return new Tensor(shape, Pointer, _owner ?? this, _arena, Gradient);

        // A fixed weight that is a matrix under another shape is packed once, not at every look.
        Tensor? reshaped = Volatile.Read(ref _reshaped);
        if (reshaped?.Shape != shape)
        {
            reshaped = IsDeferred ? Deferred(shape, _fill!) : new Tensor(shape, Pointer, _owner ?? this, null, null, _giveBack);
            Volatile.Write(ref _reshaped, reshaped);
        }
        return reshaped;
    }

    /// <summary>The same elements, cut off from the gradient.</summary>
    public Tensor Detach() => new(Shape, Pointer, _owner ?? this, _arena, null, _giveBack);

    /// <summary>Rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> of the first axis, sharing memory, without gradient.</summary>
    public Tensor DetachedRows(int start, int count)
    {
        if (Shape.Rank == 0 || start < 0 || count < 0 || start + count > Shape[0])
            throw new ArgumentOutOfRangeException(nameof(start), $"Rows {start}..{start + count} are outside of {Shape}.");
        int[] extents = Shape.ToArray();
        long stride = extents[0] == 0 ? 0 : Count / extents[0];
        extents[0] = count;
        return new Tensor(Shape.Of(extents), Pointer + start * stride, _owner ?? this, _arena, null);
    }

    /// <summary>Copies the elements into a tensor of as many.</summary>
    /// <exception cref="ArgumentException">The numbers of elements differ.</exception>
    public void CopyTo(Tensor target)
    {
        if (target.Count != Count)
            throw new ArgumentException($"A tensor {Shape} cannot be copied into {target.Shape}.", nameof(target));
        Buffer.MemoryCopy(Pointer, target.Pointer, Count * sizeof(float), Count * sizeof(float));
    }

    /// <summary>Copies the elements into an array.</summary>
    public float[] ToArray()
    {
        float[] copy = Span.ToArray();
        // Once its pointer is read, nothing else holds a temporary tensor's memory while it is copied.
        GC.KeepAlive(this);
        return copy;
    }

    /// <summary>Sets every element.</summary>
    public void Fill(float value)
    {
        long left = Count;
        for (float* p = Pointer; left > 0;)
        {
            int part = (int)Math.Min(left, 1 << 30);
            new Span<float>(p, part).Fill(value);
            p += part;
            left -= part;
        }
    }

    /// <summary>The shape and where the memory comes from.</summary>
    public override string ToString() => $"Tensor {Shape}{(_arena is null ? "" : " (step)")}";
}
