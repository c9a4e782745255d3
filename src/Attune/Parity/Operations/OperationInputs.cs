using Attune.Formats;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Parity.Operations;

/// <summary>Runs one operation of the reference on Attune's tape and gives its outputs by name.</summary>
internal delegate IReadOnlyDictionary<string, Tensor> ReferenceOperation(Tape tape, OperationInputs inputs);

/// <summary>The tensors and arguments of an operation's case.</summary>
/// <param name="tensors">The case's tensors.</param>
/// <param name="arguments">The plain arguments.</param>
/// <param name="trained">The inputs whose gradients are compared.</param>
internal sealed class OperationInputs(GoldenTensors tensors, JsonFields arguments, IReadOnlyList<string> trained)
{
    private readonly Dictionary<string, Tensor> _made = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The plain arguments.</summary>
    public JsonFields Arguments => arguments;

    /// <summary>A tensor; null if the case has none of this name.</summary>
    public Tensor? Find(string name)
    {
        _read.Add(name);
        if (_made.TryGetValue(name, out Tensor? known))
            return known;
        if (tensors.Find("input." + name) is not { } stored)
            return null;
        return _made[name] = Tensor.From(Shape.Of(stored.Shape.AsSpan()), stored.ToFloat32(), requiresGradient: trained.Contains(name));
    }

    /// <summary>A tensor that must be there.</summary>
    /// <exception cref="AttuneFormatException">It is not.</exception>
    public Tensor this[string name] => Find(name) ?? throw Missing(name);

    /// <summary>Whole numbers; null if the case has none of this name.</summary>
    public int[]? FindInts(string name)
    {
        _read.Add(name);
        return tensors.Find("input." + name)?.ToInt32();
    }

    /// <summary>Whole numbers that must be there.</summary>
    /// <exception cref="AttuneFormatException">They are not.</exception>
    public int[] Ints(string name) => FindInts(name) ?? throw Missing(name);

    /// <summary>The extents of an input that must be there.</summary>
    /// <exception cref="AttuneFormatException">It is not.</exception>
    public int[] ShapeOf(string name) => tensors.Find("input." + name) is { } stored ? [.. stored.Shape] : throw Missing(name);

    /// <summary>Makes sure that every argument and input was asked for: a case must not pass because one was overlooked.</summary>
    /// <param name="prefix">What the names of inputs begin with that are not the operation's.</param>
    /// <exception cref="AttuneFormatException">One was not.</exception>
    public void RequireAllRead(string prefix)
    {
        string[] unread =
        [
            .. arguments.UnreadKeys,
            .. tensors.Names("input.").Where(name => !_read.Contains(name) && !name.StartsWith(prefix, StringComparison.Ordinal)),
        ];
        if (unread.Length > 0)
            throw new AttuneFormatException(arguments.Path, "args", string.Join(", ", unread), "arguments that such an operation takes", "Attune's call does not know them.");
    }

    /// <summary>The gradient that a backward pass left at an input; null if none arrived.</summary>
    public Tensor? Gradient(string name) => _made.GetValueOrDefault(name)?.Grad;

    private AttuneFormatException Missing(string name) => new(arguments.Path, $"input.{name}", "no such tensor", "an input of the operation");
}
