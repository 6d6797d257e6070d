/**
 * Layers, containers and losses, named as in torch.nn.
 * @module
 */

export { Flatten, ReLU, Sigmoid } from './activation.ts';
export { Sequential } from './container.ts';
export { Linear } from './linear.ts';
export { BCEWithLogitsLoss, Loss, MSELoss } from './loss.ts';
export { Module, type StateDict } from './module.ts';
export { Parameter } from './parameter.ts';
