namespace Attune.Tensors.Ops;

/// <summary>The names by which Hugging Face configurations call activations (<c>hidden_act</c>, <c>activation_function</c>).</summary>
public static class ActivationNames
{
    private static readonly (string Name, Activation Activation)[] Names =
    [
        ("gelu", Activation.Gelu),
        ("gelu_new", Activation.GeluNew),
        ("relu", Activation.Relu),
        ("silu", Activation.Silu),
        ("tanh", Activation.Tanh),
        ("sigmoid", Activation.Sigmoid),
        ("quick_gelu", Activation.GeluQuick),
        ("linear", Activation.None),
        ("gelu_python", Activation.Gelu),
        ("gelu (erf)", Activation.Gelu),
        ("gelu_pytorch_tanh", Activation.GeluNew),
        ("gelu_fast", Activation.GeluNew),
        ("gelu_accurate", Activation.GeluNew),
        ("swish", Activation.Silu),
    ];

    /// <summary>All names that <see cref="Parse"/> knows.</summary>
    public static IEnumerable<string> All => Names.Select(entry => entry.Name);

    /// <summary>The activation of a name.</summary>
    /// <exception cref="ArgumentException">No activation has this name.</exception>
    public static Activation Parse(string name)
    {
        foreach ((string known, Activation activation) in Names)
        {
            if (known == name)
                return activation;
        }
        throw new ArgumentException($"There is no activation '{name}'; known are: {string.Join(", ", All)}.", nameof(name));
    }

    /// <summary>The first, canonical name of an activation.</summary>
    public static string NameOf(Activation activation) => Names.First(entry => entry.Activation == activation).Name;
}
