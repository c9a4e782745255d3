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
        HashSet<Parameter> trained = policy.Trained(model);
        foreach ((_, Parameter parameter) in model.Parameters())
            parameter.Trainable = trained.Contains(parameter);
    }

    /// <summary>The parameters of a model that a policy leaves to train; never a buffer.</summary>
    /// <exception cref="ArgumentException">Nothing is left to train.</exception>
    public static HashSet<Parameter> Trained(this IFreezePolicy policy, Model model)
    {
        HashSet<Parameter> trained = [.. model.Parameters()
            .Where(named => named.Parameter.Role != ParameterRole.Buffer && policy.Trains(named.Path, named.Parameter))
            .Select(named => named.Parameter)];
        return trained.Count > 0
            ? trained
            : throw new ArgumentException($"The policy {policy} freezes every parameter: nothing is left to train.", nameof(policy));
    }
}
