using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Nn.Parameters;

/// <summary>
/// A tensor that is saved with the model. Declaring one takes no memory, so that a model of any size can be built to be
/// measured; its value comes from <see cref="Initialize"/> or <see cref="Use"/>.
/// </summary>
/// <param name="shape">Its extents.</param>
/// <param name="initializer">What it starts from.</param>
/// <param name="role">What it is for.</param>
public sealed class Parameter(Shape shape, Initializer initializer, ParameterRole role)
{
    private Tensor _value = Tensor.WithoutMemory(shape);

    /// <summary>The extents.</summary>
    public Shape Shape { get; } = shape;

    /// <summary>What the parameter is for.</summary>
    public ParameterRole Role { get; } = role;

    /// <summary>What the parameter starts from.</summary>
    public Initializer Initializer { get; } = initializer;

    /// <summary>The least and the greatest that its numbers may be; every update of an optimizer ends within. Null if there is no limit.</summary>
    public (float Least, float Greatest)? Range { get; init; }

    /// <summary>The current value; has no memory before <see cref="Initialize"/> or <see cref="Use"/>.</summary>
    public Tensor Value => _value;

    /// <summary>Whether the parameter has a value.</summary>
    public bool HasValue { get; private set; }

    /// <summary>Whether training changes the parameter. Operations do no gradient work for a frozen one.</summary>
    public bool Trainable
    {
        get => _value.RequiresGradient;
        set
        {
            if (value == Trainable)
                return;
            if (value)
                MakeTrainable();
            _value.SetRequiresGradient(value);
        }
    }

    /// <summary>Takes memory and fills it from the initialiser. Buffers stay frozen.</summary>
    public void Initialize(RandomStream random)
    {
        _value = Tensor.Trainable(Shape);
        Initializer.Fill(_value.Span, random);
        _value.SetRequiresGradient(Role != ParameterRole.Buffer);
        HasValue = true;
    }

    /// <summary>Takes <paramref name="value"/> as it is, without copying: frozen until <see cref="Trainable"/> is set, which copies.</summary>
    /// <exception cref="ArgumentException">The shape differs.</exception>
    public void Use(Tensor value)
    {
        if (value.Shape != Shape)
            throw new ArgumentException($"The parameter has the shape {Shape}, the value {value.Shape}.", nameof(value));
        _value = value;
        HasValue = true;
    }

    /// <summary>Brings all numbers into the <see cref="Range"/>.</summary>
    public void KeepInRange()
    {
        if (Range is not { } range)
            return;
        foreach (ref float number in Value.Span)
            number = Math.Clamp(number, range.Least, range.Greatest);
    }

    private void MakeTrainable()
    {
        if (_value.IsTrainable)
            return;
        Tensor copy = Tensor.Trainable(Shape);
        if (HasValue)
            _value.CopyTo(copy);
        _value = copy;
    }
}
