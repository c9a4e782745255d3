using Attune.Nn.Contracts;
using Attune.Nn.Parameters;

namespace Attune.Training.Policies;

/// <summary>Applies freeze policies.</summary>
public static class FreezePolicies
{
    /// <summary>Freezes and thaws the parameters of a model; buffers stay frozen whatever the policy says.</summary>
    /// <exception cref="ArgumentException">Nothing is left to train.</exception>
    public static void Apply(this IFreezePolicy policy, Model model)
    {
        bool any = false;
        foreach ((string path, Parameter parameter) in model.Parameters())
        {
            parameter.Trainable = parameter.Role != ParameterRole.Buffer && policy.Trains(path, parameter);
            any |= parameter.Trainable;
        }
        if (!any)
            throw new ArgumentException($"The policy {policy} freezes every parameter: nothing is left to train.", nameof(policy));
    }
}
